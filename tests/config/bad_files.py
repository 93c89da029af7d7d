"""YAML that cannot be read, files that must not be, and settings of the command line."""

from __future__ import annotations

from tests.config.bad_cases import MAIN, BadConfig, case, config, connected

_YAML = [
    case("empty file", "", MAIN, "empty"),
    case("only a comment", "# nothing\n", MAIN, "empty"),
    case("list as config", "- 1\n- 2\n", ":1:1", "allowed is a mapping"),
    case("text as config", "hello\n", ":1:1", "allowed is a mapping"),
    case("unclosed bracket", "a: [1, 2\n", "not valid YAML"),
    case("unclosed quote", "a: 'x\n", "not valid YAML"),
    case("bad indentation", "a:\n  b: 1\n c: 2\n", ":3:", "not valid YAML"),
    case("tab as indentation", "a:\n\tb: 1\n", ":2:1", "a tab"),
    case("two values in a line", "a: b: c\n", ":1:", "not valid YAML"),
    case("anchor", config(seed="&x 1"), "seed", "got the anchor &x"),
    case("alias", config(seed="*x"), "seed", "got the alias *x"),
    case("merge key", config(populations="{<<: {a: 1}}"), "populations", "got the key <<"),
    case(
        "python tag",
        config(seed="!!python/object/apply:os.system ['touch x']"),
        "got the tag",
        "without tags",
    ),
    case("own tag", config(seed="!eval 1"), "seed", "got the tag !eval"),
    case("text tag", config(seed="!!int '1'"), "seed", "got the tag"),
    case("two documents", config() + "---\n" + config(), "second document"),
    case("directive", "%YAML 1.1\n---\n" + config(), ":1:1", "begins with %"),
    case("zero byte", config(name="'a\x00b'"), "U+0000"),
    case("escape character", config(name="\x1b[31mred"), "U+001B"),
    case("text that turns around", config(description="a\u202eb"), "U+202E"),
    case("key with a brace", "? {a: 1}\n: 2\n", "as a key"),
    case("number as key", config({"5": "1"}), "not text"),
    case("key with blanks", config({"my key": "1"}), "got the key my key"),
    case("too deep", "a: " + "[" * 40 + "]" * 40 + "\n", "32 levels"),
    case("too long", "a: " + "x" * (1 << 20) + "\n", "1048576 bytes"),
]

_FILES = [
    case("extends itself", f"extends: {MAIN}\n" + config(), "extends", "extends itself"),
    case(
        "extends in a circle",
        "extends: b.yaml\n" + config(),
        "extends",
        "extends itself",
        b=f"extends: {MAIN}\n",
    ),
    case(
        "extends a missing file",
        "extends: missing.yaml\n" + config(),
        "extends: got `missing.yaml`",
        "no such file",
    ),
    case(
        "extends upwards",
        "extends: ../../etc/passwd.yaml\n" + config(),
        "extends: got `../../etc/passwd.yaml`",
        "leads out",
    ),
    case(
        "extends an absolute path",
        "extends: /etc/hosts.yaml\n" + config(),
        "extends: got `/etc/hosts.yaml`",
        "relative",
    ),
    case("extends the home folder", "extends: ~/a.yaml\n" + config(), "extends: got `~/a.yaml`", "relative"),
    case("extends no YAML", "extends: /etc/passwd\n" + config(), "extends: got `/etc/passwd`", "relative"),
    case(
        "extends code",
        "extends: $(touch x).txt\n" + config(),
        "extends: got `$(touch x).txt`",
        "a .yaml file",
    ),
    case("extends a number", "extends: 5\n" + config(), "extends: got", "the path of a .yaml file"),
    case("extends nothing", "extends: []\n" + config(), "extends: got an empty list"),
    case(
        "error in the extended file",
        "extends: b.yaml\n" + config(),
        "b.yaml:1:7",
        "seed: got -1",
        b="seed: -1\n",
    ),
    case("broken extended file", "extends: b.yaml\n" + config(), "b.yaml:", "not valid YAML", b="a: [1\n"),
    case("extended list", "extends: b.yaml\n" + config(), "b.yaml:1:1", "allowed is a mapping", b="- 1\n"),
    case(
        "rule removed by nobody",
        "extends: b.yaml\n" + connected("in_degree: 5"),
        "connect: got in_degree and probability",
        b=connected("probability: 0.1"),
    ),
    case("set of a list", config(set="[a]"), "set: got no mapping"),
    case("set below a text", config(set="{name.x: 1}"), "set.name.x", "name is no mapping"),
    case("set of extends", config(set="{extends: b.yaml}"), "set.extends", "keys of the experiment"),
    case("wrong value in set", config(set="{populations.E.size: 0}"), "populations.E.size: got 0", "from 1"),
    case("unknown key in set", config(set="{sead: 0}"), "sead: got the unknown key", "did you mean seed?"),
    BadConfig(
        "no main file", {"confg.yaml": config()}, (), (MAIN, "no such file", "did you mean confg.yaml?")
    ),
    BadConfig("main file is a folder", {f"{MAIN}/x": ""}, (), (MAIN, "is a directory")),
]

_SETTINGS = [
    case("setting without value", config(), "--set", "KEY=VALUE", settings=("seed",)),
    case("setting without key", config(), "--set", "KEY=VALUE", settings=("=3",)),
    case("empty setting", config(), "--set", "KEY=VALUE", settings=("",)),
    case("setting with an empty value", config(), "--set: seed: got no value", settings=("seed=",)),
    case(
        "setting of an unknown key",
        config(),
        "--set: sead: got the unknown key",
        "did you mean seed?",
        settings=("sead=3",),
    ),
    case("setting of a wrong value", config(), "--set: seed: got -3", "from 0", settings=("seed=-3",)),
    case("setting of a bare number", config(), "--set: duration: got 5", "a time", settings=("duration=5",)),
    case("setting below a text", config(), "--set: name.x", "no mapping", settings=("name.x=1",)),
    case("setting of a mapping", config(), "--set: seed: got a mapping", settings=("seed.x=1",)),
    case("setting of a broken value", config(), "--set: seed", "not valid YAML", settings=("seed=[1",)),
    case("setting with an alias", config(), "--set: seed", "alias", settings=("seed=*a",)),
    case("setting with a tag", config(), "--set: seed", "tag", settings=("seed=!!python/name:os.system x",)),
    case("setting of two lines", config(), "--set: description", "allowed", settings=("description=a\nb",)),
    case("setting of a bad key", config(), "--set", "KEY=VALUE", settings=("$(touch x)=1",)),
    case(
        "setting of extends",
        config(),
        "--set: extends",
        "keys of the experiment",
        settings=("extends=b.yaml",),
    ),
    case(
        "setting of a population",
        config(),
        "--set: populations.E.size: got 0",
        settings=("populations.E.size=0",),
    ),
    case("setting of steps", config(), "--set: dt: got 20 ms", settings=("dt=20 ms",)),
    case("two wrong settings", config(), "seed: got -1", "scale: got 0", settings=("seed=-1", "scale=0")),
]

BAD_FILES: list[BadConfig] = [*_YAML, *_FILES, *_SETTINGS]
