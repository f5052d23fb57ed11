#!/usr/bin/python3
"""The dashboard's pages in a headless Chromium: see dashboard.mjs. Pictures are left in the build folder, screenshots/."""

import os
import shutil
import subprocess
import tempfile

from dashboard import dashboard, make_studies, require_dashboard
from hone_test import BUILD, PATIENCE, PROGRAM, SOURCE, skip


def main():
    require_dashboard()
    chromium, node = shutil.which("chromium"), shutil.which("node")
    modules = os.environ.get("HONE_WEB_MODULES", "")
    if not chromium or not node:
        skip("no chromium (Debian's package chromium)" if node else "no node")
    if not os.path.isdir(os.path.join(modules, "playwright-core")):
        skip(f"no playwright-core in {modules or 'HONE_WEB_MODULES'}")
    make_studies("sqlite:///s.db")
    subprocess.run([PROGRAM, "tune", "-s", "sqlite:///s.db", "--study", "logged", "-g", "minimize loss", "-p", "x: {float: [0, 1]}", "-n", "1", "-q",
                    "--seed", "1", "--", "sh", "-c", "echo 'a line of the log'; echo loss: {x}"], check=True)
    environment = {**os.environ, "LC_ALL": "C.UTF-8", "HONE_CHROMIUM": chromium, "HONE_SCREENSHOTS": os.path.join(BUILD, "screenshots"),
                   "HOME": os.getcwd(), "XDG_CONFIG_HOME": os.getcwd(), "XDG_CACHE_HOME": os.getcwd()}
    with dashboard("sqlite:///s.db", "--allow-edit") as open_server, dashboard("sqlite:///s.db", "--new-token", "tokens") as guarded:
        script = os.path.join(SOURCE, "tests", "browser", "dashboard.mjs")
        subprocess.run([node, script, open_server.url, guarded.url, guarded.after, "sqlite:///s.db"], env=environment, check=True, timeout=PATIENCE)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        main()
