"""What the documents say is so: the names and figures in their tables are those of the code and the template."""

import re
import tomllib

import pytest

NAMED = re.compile(r"`([\w./-]+\.rs)#(\w+)`")
CRYPTOGRAPHY = re.compile(r"\baws_lc_rs::|\bsha2::|\bcrc32fast::|\bmd5::|MacAlgorithmSpec|SigningAlgorithmSpec")
DOCUMENTS = ["capacity.md", "cryptography.md", "dependencies.md", "restoring.md"]


def text_of(root, document):
    return (root / "docs" / document).read_text()


def rows(text, heading):
    """The cells of the first table under a heading, without its head."""
    section = re.split(r"^#+ ", text.split(f"# {heading}\n", 1)[1], maxsplit=1, flags=re.MULTILINE)[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def evaluated(expression):
    """The value of a constant: a product of whole numbers, or a duration in milliseconds."""
    seconds = re.fullmatch(r"Duration::from_(secs|millis)\((.+)\)", expression)
    if seconds:
        return evaluated(seconds[2]) * (1000 if seconds[1] == "secs" else 1)
    product = 1
    for factor in expression.split("*"):
        product *= int(factor.strip().replace("_", ""))
    return product


def value(source, name):
    """What a name stands for in the code: a constant, or the argument of the one call."""
    constant = re.search(rf"\bconst {name}: [\w:]+ = ([^;]+);", source)
    if constant:
        return evaluated(constant[1])
    (argument,) = re.findall(rf"\b{name}\(((?:[^()]|\([^()]*\))*)\)", source)
    return evaluated(argument)


def written(cell):
    """A figure in a document, durations in milliseconds."""
    number, _, unit = cell.replace(",", "").partition(" ")
    return int(number) * {"": 1, "ms": 1, "s": 1000}[unit]


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_name_in_a_document_is_in_the_file_that_it_names(root, document):
    named = NAMED.findall(text_of(root, document))
    assert named or document == "restoring.md"
    for path, name in named:
        assert re.search(rf"\b{name}\b", (root / path).read_text()), f"{path} has no {name}"


@pytest.mark.parametrize("heading", ["Connections", "Sizes"])
def test_every_figure_of_the_capacity_document_is_that_of_the_code(root, heading):
    text = text_of(root, "capacity.md")
    held = 0
    for line in text.split(f"# {heading}\n", 1)[1].split("\n## ", 1)[0].splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        name = NAMED.fullmatch(cells[1]) if line.startswith("|") and len(cells) == 3 else None
        if name:
            assert value((root / name[1]).read_text(), name[2]) == written(cells[2]), line
            held += 1
    assert held > 10


def test_every_function_with_bounds_of_its_own_is_in_the_capacity_document(written, root):
    defaults = written["Globals"]["Function"]
    expected = {}
    for resource in written["Resources"].values():
        if resource["Type"] != "AWS::Serverless::Function":
            continue
        properties = resource["Properties"]
        limits = [
            value["Ref"]
            for name, value in properties.get("Environment", {}).get("Variables", {}).items()
            if name.endswith("_LIMIT_PER_MINUTE")
        ]
        unasked = [event for event in properties.get("Events", {}).values() if event["Type"] != "Api"]
        if {"Timeout", "MemorySize"} & properties.keys() or limits or unasked:
            bounds = [properties.get(name, defaults[name]) for name in ["Timeout", "MemorySize"]]
            expected[resource["Metadata"]["Binary"]] = (bounds, limits)
    table = rows(text_of(root, "capacity.md"), "Functions with bounds of their own")
    listed = {name.strip("`"): ([int(seconds), int(size)], bound) for name, seconds, size, _, bound in table}
    assert listed.keys() == expected.keys()
    for name, (bounds, limits) in expected.items():
        assert listed[name][0] == bounds, name
        assert all(f"`{limit}`" in listed[name][1] for limit in limits), name


def test_the_cryptography_document_names_every_file_that_uses_cryptography(root):
    table = rows(text_of(root, "cryptography.md"), "Algorithms")
    named = {path for cells in table for path, _ in NAMED.findall(cells[-1])}
    sources = [*root.glob("shared/*/src/**/*.rs"), *root.glob("functions/*/src/**/*.rs")]
    using = {
        str(path.relative_to(root)) for path in sources if path.stem != "tests" and uses_cryptography(path.read_text())
    }
    # It signs with a key of KMS what another file makes.
    using.discard("functions/checkpoint-audit/src/handler.rs")
    assert named == using


def uses_cryptography(source):
    """Whether what is deployed does; comments and what is only compiled for tests aside."""
    code = "\n".join(line for line in source.split("#[cfg(test)]")[0].splitlines() if not line.lstrip().startswith("//"))
    return CRYPTOGRAPHY.search(code) is not None


def test_the_cryptography_document_names_every_key_and_secret_of_the_template(written, root):
    kinds = {"AWS::KMS::Key", "AWS::SecretsManager::Secret"}
    resources = {name: r["Properties"] for name, r in written["Resources"].items() if r["Type"] in kinds}
    table = {cells[0].strip("`"): cells for cells in rows(text_of(root, "cryptography.md"), "Keys")}
    assert table.keys() == resources.keys()
    for name, properties in resources.items():
        _, kind, _, replaced = table[name]
        assert properties.get("KeySpec", "") in kind, name
        assert ("by KMS, every year" in replaced) == (properties.get("EnableKeyRotation") is True), name
    rotated = [r["Properties"] for r in written["Resources"].values() if r["Type"] == "AWS::SecretsManager::RotationSchedule"]
    (rotation,) = rotated
    assert f"every {rotation['RotationRules']['ScheduleExpression'].removeprefix('rate(').removesuffix(')')}" in table["PepperSecret"][3]


def test_the_dependencies_document_names_every_crate_that_functions_use(root):
    ours = {path.parent.name for path in root.glob("*/*/Cargo.toml")}
    used = set()
    for path in [*root.glob("shared/*/Cargo.toml"), *root.glob("functions/*/Cargo.toml")]:
        used |= tomllib.loads(path.read_text()).get("dependencies", {}).keys()
    section = text_of(root, "dependencies.md").split("## Which need care\n", 1)[1].split("\n## ", 1)[0]
    careful = {cells[0].strip("`") for cells in rows(text_of(root, "dependencies.md"), "Which need care")}
    others = set(re.findall(r"`([\w-]+)`", section.split("The others that functions use:", 1)[1]))
    assert careful and not careful & others
    assert careful | others == used - ours


def test_the_tables_that_are_restored_are_those_with_recovery_to_a_point_in_time(written, root):
    recoverable = set()
    for resource in written["Resources"].values():
        if resource["Type"] == "AWS::DynamoDB::Table":
            properties = resource["Properties"]
            if properties["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"]:
                recoverable.add(properties["TableName"]["Fn::Sub"].removeprefix("palisade-${Stage}-"))
    source = (root / "infra/restore/src/restorer.rs").read_text()
    restored = re.search(r"pub const TABLES: \[&str; \d+\] = \[([^\]]+)\];", source)[1]
    first = rows(text_of(root, "restoring.md"), "What comes back, and what does not")[0][0]
    assert recoverable == set(re.findall(r'"([\w-]+)"', restored)) == set(re.findall(r"`([\w-]+)`", first))


def test_what_a_month_costs_without_any_request_is_reckoned_from_the_template(written, root):
    def of(kind):
        return [r["Properties"] for r in written["Resources"].values() if r["Type"] == kind]

    functions = of("AWS::Serverless::Function")
    schedules = [
        event["Properties"]["Schedule"]
        for function in functions
        for event in function.get("Events", {}).values()
        if event["Type"] == "Schedule"
    ]
    # A month has 730 hours.
    calls = sum(730 * {"minute": 60, "hour": 1}[unit] / int(n) for n, unit in map(every, schedules))
    # Records, latency and faults of each, and the checkpoints.
    metrics = 3 * len(schedules) + 1
    alarms = sum(len([m for m in alarm.get("Metrics", [alarm]) if "Expression" not in m]) for alarm in of("AWS::CloudWatch::Alarm"))
    keys, secrets = len(of("AWS::KMS::Key")), len(of("AWS::SecretsManager::Secret"))
    total = keys * 1.0 + secrets * 0.4 + alarms * 0.1 + metrics * 0.3
    text = " ".join(text_of(root, "deploying.md").split())
    assert (
        f"a month costs {total:.2f}: {keys} keys {keys:.2f}, {secrets} secrets {secrets * 0.4:.2f}, {alarms} metrics of alarms "
        f"{alarms * 0.1:.2f}, {metrics} metrics of what comes round by the clock {metrics * 0.3:.2f}; and about a dollar for "
        f"{calls:,.0f} calls by the clock" in text
    )


def every(schedule):
    number, unit = re.fullmatch(r"rate\((\d+) (\w+?)s?\)", schedule).groups()
    return number, unit


def test_the_example_of_costs_adds_up(root):
    section = text_of(root, "deploying.md").split("| | reckoned as | dollars |\n", 1)[1].split("\n\n", 1)[0]
    *parts, total = [float(line.split("|")[-2].strip(" *")) for line in section.splitlines()[1:]]
    assert round(sum(parts), 2) == total
