"""Opens pages in Chromium, light and dark, on a small and a large screen: they load nothing, fit, and axe finds nothing
serious. Leaves pictures of them, and PDFs, in their folder.

It runs in an environment of its own, without Noria: see `make test-pages`.
"""

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

SCHEMES, WIDTHS = ("light", "dark"), (390, 1280)
GRAVE = {"serious", "critical"}


def opened(browser: Browser, path: Path, *, scheme: Any, width: int, bypass_csp: bool) -> tuple[Page, list[str]]:
    """The page, and what it asked for or complained of."""
    context = browser.new_context(
        viewport={"width": width, "height": 844}, color_scheme=scheme, bypass_csp=bypass_csp, offline=True
    )
    page, said = context.new_page(), list[str]()
    page.on("console", lambda message: said.append(message.text))
    page.on("request", lambda request: said.append(request.url) if request.url.startswith("http") else None)
    page.goto(path.as_uri())
    return page, said


def problems(browser: Browser, path: Path) -> Iterator[str]:
    """What is wrong with a page."""
    for scheme in SCHEMES:
        for width in WIDTHS:
            page, said = opened(browser, path, scheme=scheme, width=width, bypass_csp=False)
            page.screenshot(path=path.with_name(f"{path.stem}-{scheme}-{width}.png"), full_page=True)
            yield from said
            page.context.close()
            page, _ = opened(browser, path, scheme=scheme, width=width, bypass_csp=True)  # axe is a script
            wide = int(page.evaluate("document.documentElement.scrollWidth"))
            if wide > width:
                yield f"{scheme}: {wide} pixels wide on a screen of {width}"
            for each in Axe().run(page).response["violations"]:
                if each["impact"] in GRAVE:
                    yield f"{scheme} {width}: {each['id']}: {each['help']}: {each['nodes'][0]['html'][:200]}"
            page.context.close()
    page, _ = opened(browser, path, scheme="dark", width=1280, bypass_csp=False)
    page.pdf(path=path.with_suffix(".pdf"), format="A4")
    page.context.close()


def main(folder: Path) -> int:
    """Look at every page in a folder; the exit code."""
    program = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    if program is None:
        sys.exit("Chromium is needed: apt-get install chromium, or set CHROMIUM")
    pages = sorted(folder.resolve().glob("*.html"))
    found = 0
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        for path in pages:
            wrong = list(problems(browser, path))
            print(f"{path.name}: {'; '.join(wrong) or 'good'}", flush=True)
            found += len(wrong)
    print(f"{len(pages)} pages, pictures of them in {folder}")
    return 1 if found or not pages else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
