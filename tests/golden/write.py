"""Write the answers anew: `python -m tests.golden.write [STORY…]`.

The answers come from the collector itself, so read the difference before you keep it.
"""

import json
import sys
import tempfile

from tests.golden.stories import FOLDER, NAMES, answer, read, tell
from tests.golden.world import world


def main() -> None:
    for name in sys.argv[1:] or NAMES:
        story = read(name)
        with tempfile.TemporaryDirectory() as folder, world(f"chdb://{folder}") as here:
            tell(here, story)
            found = json.dumps(answer(here, story), indent=1, ensure_ascii=False)
        (FOLDER / f"{name}.order.json").write_text(found + "\n", "utf-8")
        print(name)


if __name__ == "__main__":
    main()
