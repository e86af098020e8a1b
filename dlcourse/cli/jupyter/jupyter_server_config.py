"""JupyterLab's settings while the course runs it: quick, quiet, and nothing asked of the network.

JupyterLab reads this file and labconfig/ because `dlcourse lab` puts the folder on its path.
"""

from typing import Any

import zmq
from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection


class Prompt(ZMQChannelsWebsocketConnection):
    """Sends each message at once. Unasked, TCP holds a small one back for some 40 ms."""

    def connect(self) -> Any:
        self.websocket_handler.set_nodelay(True)
        return super().connect()


c = get_config()  # type: ignore[name-defined]  # noqa: F821  (JupyterLab brings it)
c.ServerApp.kernel_websocket_connection_class = Prompt
c.ServerApp.tornado_settings = {"ws_ping_timeout": 30_000}  # what it takes, after a warning
c.Application.log_level = "WARN"
c.LabApp.news_url = None
c.LabApp.check_for_updates_class = "jupyterlab.NeverCheckForUpdate"
c.LabApp.extension_manager = "readonly"
if zmq.has("curve"):
    c.KernelManager.transport_encryption = "auto"  # other people on this machine cannot listen
