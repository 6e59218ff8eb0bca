"""How the gRPC port is reached: TLS credentials and channel arguments from flags. Used by `server.assembly`.

Source: BuildServerCredentialsFromSSLConfigFile and parseGrpcChannelArgs in tensorflow_serving/model_servers/server.cc.
"""

import grpc

from noria_serving.server.extra_protos import SSLConfig
from noria_serving.server.flags import Flags
from noria_serving.server.status import invalid_argument
from noria_serving.server.text_file import read_text


def credentials(flags: Flags) -> grpc.ServerCredentials | None:
    """TLS as the SSL file says, none without one. Raises ServingError."""
    if flags.use_alts_credentials and flags.ssl_config_file:
        raise invalid_argument("Either use_alts_credentials must be false or ssl_config_file must be empty.")
    if flags.use_alts_credentials:
        return grpc.alts_server_credentials()
    if not flags.ssl_config_file:
        return None
    config = read_text(flags.ssl_config_file, SSLConfig)
    if not (config.server_key and config.server_cert):
        raise invalid_argument(f"{flags.ssl_config_file} needs server_key and server_cert")
    return grpc.ssl_server_credentials(
        [(config.server_key.encode(), config.server_cert.encode())],
        config.custom_ca.encode() or None,
        require_client_auth=config.client_verify and bool(config.custom_ca),
    )


def channel_arguments(text: str) -> dict[str, int | str]:
    """`k=v,k=v`: numbers where a value is one."""
    pairs = (argument.partition("=") for argument in text.split(",") if "=" in argument)
    return {name: int(value) if value.lstrip("-").isdecimal() else value for name, _, value in pairs}
