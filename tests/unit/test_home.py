"""What of Noria's bucket an object of the namespace `shop` may read, however its URI is written."""

import pytest

from noria.contract import Home

SHOP = Home(bucket="noria", namespace="shop")
STORE = "http://noria-object-store.noria.svc:8333"


@pytest.mark.parametrize(
    "uri",
    [
        "s3://noria/sources/clothes/",
        "s3://noria/clothes.zip",
        "s3://noria/datasets/shop/clothes/0123456789abcdef/",
        "s3://noria/datasets/shop",
        "s3://noria/runs/shop/clothes/uid/1/best/model.tar",
        "s3://noria/sources/runs/other/x.csv",
        "s3://noria/datasets.csv",
        "s3://noria/a..b/x",
        "s3://another/datasets/other/x",
        "s3://noria-backup/experience/",
        "https://github.com/noria/datasets/other.csv",
        "https://noria.example.org/runs/other/x",
        "/home/me/datasets/other",
    ],
)
def test_uploads_its_own_places_and_other_buckets_are_read(uri: str) -> None:
    assert SHOP.why_refused(uri, endpoint=STORE) == ""
    assert SHOP.why_refused(uri) == ""


@pytest.mark.parametrize(
    ("uri", "words"),
    [
        (
            "s3://noria/datasets/other/clothes/rev/",
            "s3://noria/datasets/other/clothes/rev is outside of namespace shop",
        ),
        (
            "s3://noria/runs/other/job/uid/1/best/model.tar",
            "outside of namespace shop, which reads datasets/shop/, runs/shop/",
        ),
        ("s3://noria/datasets/", "outside of namespace shop"),
        ("s3://noria/datasets", "outside of namespace shop"),
        ("s3://noria/runs", "outside of namespace shop"),
        ("s3://noria/datasets/sho", "outside of namespace shop"),
        ("s3://noria/datasets/shop2/x", "outside of namespace shop"),
        ("s3://noria/datasets/SHOP/x", "outside of namespace shop"),
        ("s3://noria/experience/", "holds what Noria has learned"),
        ("s3://noria/experience", "holds what Noria has learned"),
        ("s3://noria", "is the whole bucket"),
        ("s3://noria/", "is the whole bucket"),
        ("s3://noria//./", "is the whole bucket"),
        ("s3://noria//datasets//other/x", "outside of namespace shop"),
        ("s3://noria/./datasets/other/x", "outside of namespace shop"),
        ("s3://noria/datasets/shop/../other/x", "without `..`"),
        ("s3://noria/sources/../datasets/other/x", "without `..`"),
        ("s3://noria/sources/%2e%2e/datasets/other/x", "without `..`"),
        ("s3://noria/sources/%252E%252e/datasets/other/x", "without `..`"),
        ("s3://noria/%64atasets/other/x", "outside of namespace shop"),
        ("s3://noria/datasets%2Fother/x", "outside of namespace shop"),
        ("s3://noria/datasets\\other\\x", "outside of namespace shop"),
        ("s3://noria/Datasets/other/x", "outside of namespace shop"),
        ("s3://NORIA/datasets/other/x", "outside of namespace shop"),
        ("https://noria.s3.amazonaws.com/datasets/other/x", "outside of namespace shop"),
        ("https://noria.s3.eu-west-1.amazonaws.com/datasets/other/x?X-Amz-Signature=a", "outside of namespace shop"),
        ("https://s3.eu-west-1.amazonaws.com/noria/runs/other/x", "outside of namespace shop"),
        ("https://S3.amazonaws.com./noria/experience/", "holds what Noria has learned"),
        ("https://me@s3.amazonaws.com:443//noria/runs/other/x", "outside of namespace shop"),
        ("https://s3.amazonaws.com/%6eoria/runs/other/x", "outside of namespace shop"),
    ],
)
def test_other_namespaces_and_noria_s_own_records_are_refused(uri: str, words: str) -> None:
    refusal = SHOP.why_refused(uri)
    assert words in refusal
    assert "Signature" not in refusal


@pytest.mark.parametrize("host", ["noria-object-store.noria.svc", "NORIA-object-store.noria.svc:8333"])
def test_the_same_bucket_by_its_stores_own_address_is_refused(host: str) -> None:
    assert "outside of namespace shop" in SHOP.why_refused(f"https://{host}/noria/runs/other/x", endpoint=STORE)
    assert "outside of namespace shop" in SHOP.why_refused(f"https://noria.{host}/runs/other/x", endpoint=STORE)
    assert SHOP.why_refused(f"https://{host}/noria/runs/shop/x", endpoint=STORE) == ""
