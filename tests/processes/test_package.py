"""What an installed Stagewatch has, as opposed to its source folder."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
LOOK = "import web.client, web.pages; print(web.client.__file__, web.client.connect.__name__)"


def test_what_is_built_has_the_python_client_beside_the_browsers(tmp_path: Path) -> None:
    command = [sys.executable, "setup.py", "-q", "egg_info", "--egg-base", str(tmp_path)]
    built = tmp_path / "lib"

    subprocess.run([*command, "build_py", "--build-lib", str(built)], cwd=ROOT, check=True)
    looked = subprocess.run(
        [sys.executable, "-c", LOOK], cwd=built, check=True, capture_output=True, text=True
    )

    assert looked.stdout.split() == [str(built / "web/client.py"), "connect"]
    shipped = {path.name for path in (built / "web/client").iterdir()}
    assert shipped == {path.name for path in (ROOT / "web/client").glob("*.js")}
    for page in ("index.html", "style.css", "vendor"):
        assert (built / "web/dashboard" / page).exists()
