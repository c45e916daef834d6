"""The example of the README runs."""

from __future__ import annotations

import contextlib
import io
import os
import re
import textwrap
import unittest
from pathlib import Path
from typing import Any, Dict

URL = os.environ.get("LONGSPAN_URL", "")


class Readme(unittest.IsolatedAsyncioTestCase):
    async def test_runs(self) -> None:
        text = Path(__file__).parents[1].joinpath("README.md").read_text("utf-8")
        found = re.search(r"```python\n(.*?)```", text, re.DOTALL)
        assert found is not None
        code = found[1].replace("https://bridge.example/cometd", URL)
        names: Dict[str, Any] = {}
        exec("async def example():\n" + textwrap.indent(code, "    "), names)
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            await names["example"]()
        self.assertIn("{'greeting': 'hello'}\npart 1\npart 2", out.getvalue())
        self.assertIn("prices/paris/XYZ 42", out.getvalue())
