"""docs/logs.md says what is logged, and its queries ask for what is there."""

import json
import re

import dashboard
import expected
import pytest
import reading

COMMANDS = "fields filter stats sort limit by as and or not in like asc desc SOURCE".split()
FUNCTIONS = "count sum min max pct bin ispresent".split()
# What CloudWatch adds to every line.
SYSTEM = {"@timestamp", "@message", "@log", "@logStream"}
QUERY = re.compile(r"^On the (gateway's|functions') lines:\n\n```\n(.*?)```$", re.MULTILINE | re.DOTALL)


@pytest.fixture
def page(root):
    return (root / "docs/logs.md").read_text()


def table(page, title):
    """The rows under a heading; each a list of cells."""
    section = re.search(rf"^## {re.escape(title)}\n(.*?)(?=^## |\Z)", page, re.MULTILINE | re.DOTALL)[1]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in section.splitlines() if line[:1] == "|"]
    header, rule, *rest = rows
    assert set("".join(rule)) <= set("-") and all(len(row) == len(header) and all(row) for row in rest), title
    return rest


def fields(page, title):
    names = [row[0].strip("`") for row in table(page, title)]
    assert len(names) == len(set(names)), f"{title} names a field twice"
    return set(names)


def unknown_names(query, known):
    """What a query asks for and is neither a field, a name it gives itself, nor part of the language."""
    bare = re.sub(r'"[^"]*"|/[^/\n]+/', " ", re.sub(r"SOURCE '[^']+'", " ", query))
    names = set(re.findall(r"@?[A-Za-z_][\w.]*", re.sub(r"\b\d\w*", " ", bare)))
    given = set(re.findall(r"\bas (\w+)", bare))
    return names - given - known - SYSTEM - set(COMMANDS) - set(FUNCTIONS)


def written_of_requests(root):
    source = (root / "shared/gate/src/log.rs").read_text()
    body = re.search(r"struct Line<'a> \{\n(.*?)\n\}", source, re.DOTALL)[1]
    found = set()
    for attributes, name in re.findall(r"((?:    #\[[^\n]+\n)*)    (\w+): ", body):
        renamed = re.search(r'rename = "(\w+)"', attributes)
        if "flatten" not in attributes:
            found.add(renamed[1] if renamed else name)
    return found


def written_of_invocations(root):
    source = (root / "shared/gate/src/unattended.rs").read_text()
    body = re.search(r"let mut line = json!\(\{\n(.*?)\n        \}\);", source, re.DOTALL)[1]
    return set(re.findall(r'^ {12}"(\w+)":', body, re.MULTILINE))


def written_in_the_audit(root):
    source = (root / "shared/store/src/audit.rs").read_text()
    body = re.search(r"pub struct AuditEntry \{\n(.*?)\n\}", source, re.DOTALL)[1]
    return set(re.findall(r"^    pub (\w+):", body, re.MULTILINE))


def test_every_field_of_a_line_is_explained_and_no_other(page, template, root):
    line = json.loads(reading.stage(template)["AccessLogSetting"]["Format"])
    assert fields(page, "The gateway's line") == line.keys()
    assert fields(page, "The line of a request") == written_of_requests(root)
    assert fields(page, "The line of an invocation") == written_of_invocations(root)
    assert fields(page, "Audit entries") == written_in_the_audit(root)


def test_every_count_is_explained_and_of_the_functions_that_have_it(page):
    of = {}
    for function, names in [*expected.REQUEST_METRICS_OF.items(), *expected.INVOCATION_METRICS_OF.items()]:
        for name in names:
            of.setdefault(name, set()).add(function)
    refusals = expected.REQUEST_METRICS - fields(page, "The line of a request")
    found = {row[0].strip("`"): row[1] for row in table(page, "Counts")}
    assert found.keys() == of.keys() | refusals
    for name, functions in found.items():
        if name in refusals:
            assert functions == "every function with requests"
        else:
            assert set(re.findall(r"`([\w-]+)`", functions)) == of[name], name


def test_every_field_says_whether_it_is_personal(page):
    for title in ["The gateway's line", "The line of a request", "The line of an invocation", "Audit entries"]:
        for name, _, personal in table(page, title):
            assert personal, name
    personal = {row[0]: row[2] for row in table(page, "The gateway's line")}
    assert personal["`source_ip`"] == "yes"


def test_the_logs_and_their_lifetimes_are_those_of_the_template(page, written, template):
    parameters = written["Parameters"]
    groups = {
        reading.substituted(group["Properties"]["LogGroupName"]).removeprefix("/palisade/<Stage>/")
        for group in reading.resources(template, "AWS::Logs::LogGroup").values()
    }
    functions = {
        f["Properties"]["FunctionName"]["Fn::Sub"].removeprefix("palisade-${Stage}-")
        for f in reading.resources(template, "AWS::Lambda::Function").values()
    }
    assert groups == functions | {"access"}
    rows = table(page, "Which logs there are")
    named = {name for row in rows for name in re.findall(r"`/palisade/<stage>/([^`]+)`", row[1])}
    assert named == {"access", "<function>"}
    for row in rows:
        for parameter, days in re.findall(r"`(\w+)`, (\d+)", row[3]):
            assert parameters[parameter]["Default"] == int(days), row[0]
    audit = reading.properties(template, "AuditTable")["TableName"]["Fn::Sub"].replace("${Stage}", "<stage>")
    assert f"`{audit}`" in page and "CheckpointsBucketName" in written["Outputs"]


def known_fields(page):
    functions = {"The line of a request", "The line of an invocation", "Counts", "Lines of the platform"}
    return {
        "gateway's": fields(page, "The gateway's line"),
        "functions'": {name for title in functions for name in fields(page, title)},
    }


def test_every_query_asks_for_fields_that_exist(page):
    queries = QUERY.findall(page)
    # Each block says which lines it is for.
    assert len(queries) == page.count("```") / 2 > 0
    for lines, query in queries:
        assert unknown_names(query, known_fields(page)[lines]) == set(), query


def test_queries_elsewhere_ask_for_fields_that_exist(page, root, template):
    known = set().union(*known_fields(page).values())
    blocks = re.findall(r"^```\n(.*?)^```$", (root / "docs/runbooks.md").read_text(), re.MULTILINE | re.DOTALL)
    shown = [widget["query"] for widget in dashboard.widgets(template, "log")]
    assert blocks and shown
    for query in [*blocks, *shown]:
        assert unknown_names(query, known) == set(), query


@pytest.mark.parametrize(
    "query, missing",
    [
        ('filter source_ip = "1"', {"source_ip"}),
        ("stats count(*) as n by functions", {"functions"}),
        ("stats pct(record.metrics.duration, 99) by bin(5m)", {"record.metrics.duration"}),
        ("fields @timestamp, function | filter ispresent(cause) and faults = 1", set()),
    ],
)
def test_a_query_for_what_is_not_there_is_noticed(page, query, missing):
    assert unknown_names(query, known_fields(page)["functions'"]) == missing
