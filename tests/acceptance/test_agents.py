"""Real agents through the whole loop, their model played by a script: refused for want of a test, then delivered."""

import importlib.util
import shutil

import pytest

from improver import pipeline, read, sandbox
from improver.dispatching import attempts
from improver.model import Isolation
from tests import js_clients, world
from tests import scripted_model as model

KEY = "sk-the-real-key-000000"
CHANGED = "total(prices) / len(prices) if prices else 0"
NPM = {"codex": ".bin/codex"}
MODELS = {"claude": "claude-sonnet-4-5", "codex": "gpt-5"}


@pytest.fixture(params=MODELS)
def agent(request):
    """Its name, and its settings."""
    name = request.param
    if sandbox.probe() != Isolation.BUBBLEWRAP:
        pytest.skip("needs bubblewrap: apt-get install bubblewrap")
    if name == "claude" and not (shutil.which("claude") or importlib.util.find_spec("claude_agent_sdk")):
        pytest.skip("needs Claude Code: pip install 'improver[claude]'")
    settings = {"model": MODELS[name]}
    if name in NPM:
        program = js_clients.node_modules(js_clients.AGENTS) / NPM[name]
        if not program.exists():
            pytest.skip(f"needs {name}: npm has no package of it for this machine")
        settings["binary"] = str(program)
    return name, settings


def test_an_agent_mends_the_change_that_a_gate_refused_and_it_is_committed(tmp_path, agent):
    name, settings = agent
    shop = world.make_shop(tmp_path / "shop")
    (tmp_path / "key").write_text(KEY)
    base = world.settings(tmp_path, shop, world.plan(tmp_path), agent=name, dispatch={"feedback_rounds": 1})
    with model.ScriptedModel(key=KEY) as scripted:
        whole = {"upstream": scripted.url, "api_key": f"file:{tmp_path / 'key'}", **settings}
        with world.opened(base.model_copy(update={"agents": {name: whole}})) as runtime:
            world.send(runtime, world.server_key(runtime), world.error(world.git(shop, "rev-parse", "HEAD")))
            pipeline.analyse(runtime)
            [claimed] = attempts.live(runtime)
            folder = runtime.data.attempts / claimed.id
            tree = folder / "tree"
            scripted.plan = (
                model.read(tree / "shop.py"),
                model.edit(tree / "shop.py", "total(prices) / len(prices)", CHANGED),
                model.say("Fixed, without a test."),
            )
            ran = attempts.STEPS[claimed.status](runtime, claimed)
            assert ran.status == "ran", ran.detail
            given_back = attempts.STEPS[ran.status](runtime, ran)
            assert (given_back.status, given_back.starts) == ("running", 1), given_back.detail
            scripted.goes_on_with(
                model.read(folder / "side" / "refused-1.json"),
                model.write(tree / "tests" / "test_average.py", world.REGRESSION),
                model.bash(" ".join(world.PYTEST)),
                model.say("There is a test now."),
            )
            attempts.drive(runtime, given_back)
            [attempt] = read.attempts(runtime)
            assert (attempt.status, attempt.delivered) == ("delivered", "commit"), attempt.detail
            assert attempt.summary == "There is a test now."
            last = scripted.asked[-1].body.decode()
            assert "Fixed, without a test." in last, "it went on with its session"
            assert "refused: gate red_green" in last, "its prompt names the Gate"
            assert r"\"gate\": \"red_green\"" in last, "it read what the Gate said"
            assert (shop / "shop.py").read_text() == world.FIXED
            kept = "".join(path.read_text(errors="replace") for path in folder.rglob("*") if path.is_file())
            assert KEY not in kept
    assert world.git(shop, "worktree", "list").count("\n") == 0
