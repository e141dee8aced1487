"""What the dashboard shows, and whether that exists."""

import json
import re

from expected import (
    AWS_DIMENSIONS,
    AWS_METRICS,
    INVOCATION_METRICS,
    INVOCATION_METRICS_OF,
    REQUEST_METRICS,
    REQUEST_METRICS_OF,
)
from reading import properties, resources, substituted

OURS = "Palisade/<Stage>"
SEARCH = re.compile(r"""SEARCH\('\{([^}]+)\} MetricName="(\w+)"(?: (\w+)="([^"]+)")?', '(\w+)'\)""")
SOURCE = re.compile(r"SOURCE '([^']+)'")


def body(template):
    (name,) = resources(template, "AWS::CloudWatch::Dashboard")
    return json.loads(substituted(properties(template, name)["DashboardBody"]))


def widgets(template, kind):
    return [widget["properties"] for widget in body(template)["widgets"] if widget["type"] == kind]


def plotted(row):
    """What a row of a graph asks for: namespace, metric, and its dimensions where they are given."""
    if isinstance(row[0], dict):
        return searched(row[0]["expression"])
    *names, options = row if isinstance(row[-1], dict) else [*row, {}]
    namespace, metric, *dimensions = names
    return [(namespace, metric, dict(zip(dimensions[::2], dimensions[1::2], strict=True)), tuple(dimensions[::2]))]


def searched(expression):
    found = SEARCH.findall(expression)
    left = SEARCH.sub("SEARCH", expression)
    if not found or not re.fullmatch(r"SORT\(SEARCH, MAX, DESC, 10\)|SUM\(SEARCH\) / 1000", left):
        return [(expression, "an expression that nobody understands", {}, ())]
    plots = []
    for schema, metric, name, value, _ in found:
        namespace, *dimensions = schema.replace('"', "").split(",")
        plots.append((namespace, metric, {name: value} if name else {}, tuple(dimensions)))
    return plots


def is_ours(template, metric, dimensions, schema):
    """Whether a metric of ours comes from somewhere: a metric filter, or a function's lines."""
    if schema == ():
        filters = resources(template, "AWS::Logs::MetricFilter").values()
        return any(t["MetricName"] == metric for f in filters for t in f["Properties"]["MetricTransformations"])
    if schema != ("function",) or dimensions.keys() - {"function"}:
        return False
    if not dimensions:
        return metric in REQUEST_METRICS | INVOCATION_METRICS
    function = dimensions["function"]
    groups = resources(template, "AWS::Logs::LogGroup")
    if f"/palisade/<Stage>/{function}" not in {substituted(g["Properties"]["LogGroupName"]) for g in groups.values()}:
        return False
    if function in INVOCATION_METRICS_OF:
        return metric in INVOCATION_METRICS | INVOCATION_METRICS_OF[function]
    return metric in REQUEST_METRICS | REQUEST_METRICS_OF.get(function, set())


def is_theirs(template, namespace, metric, dimensions, schema):
    """Whether AWS measures that, and of something that is in the template."""
    if metric not in AWS_METRICS.get((namespace, schema), set()):
        return False
    known = {("ApiName", substituted(properties(template, "Api")["Name"])), ("Stage", "<Stage>")}
    for name, (attribute, kind) in AWS_DIMENSIONS.items():
        known |= {(name, f"<{logical}{attribute}>") for logical in resources(template, kind)}
    return dimensions.items() <= known


def dashboard_shows_what_there_is(template):
    """Only metrics that somebody emits, only fields that lines have, and every alarm."""
    try:
        graphs, queries = widgets(template, "metric"), [w["query"] for w in widgets(template, "log")]
        shown = [alarm for widget in widgets(template, "alarm") for alarm in widget["alarms"]]
    except json.JSONDecodeError as error:
        return [f"the dashboard is not JSON: {error}"]
    alarms = resources(template, "AWS::CloudWatch::Alarm")
    problems = [f"{name} is not shown" for name in alarms if f"<{name}.Arn>" not in shown]
    problems += [f"{name} is no alarm" for name in shown if name not in {f"<{alarm}.Arn>" for alarm in alarms}]
    for graph in graphs:
        plots = [plot for row in graph["metrics"] for plot in plotted(row)]
        for namespace, metric, dimensions, schema in plots:
            if not (
                is_ours(template, metric, dimensions, schema)
                if namespace == OURS
                else is_theirs(template, namespace, metric, dimensions, schema)
            ):
                problems.append(f"nobody emits {metric} of {namespace} {dimensions or schema}, in {graph['title']}")
        for line in graph.get("annotations", {}).get("horizontal", []):
            if not any(is_the_threshold(line, alarm["Properties"], plots) for alarm in alarms.values()):
                problems.append(f"no alarm of {graph['title']} is {line['label']} with the threshold {line['value']}")
    groups = {substituted(g["Properties"]["LogGroupName"]) for g in resources(template, "AWS::Logs::LogGroup").values()}
    for query in queries:
        if not SOURCE.findall(query) or not set(SOURCE.findall(query)) <= groups:
            problems.append(f"a query has no source, or one that does not exist: {query}")
    return problems + overlaps(template)


def is_the_threshold(line, alarm, plots):
    """Whether a line in a graph is where an alarm of one of its metrics goes off."""
    return (
        substituted(alarm["AlarmName"]) == f"palisade-<Stage>-{line['label']}"
        and alarm["Threshold"] == line["value"]
        and alarm["MetricName"] in {metric for _, metric, _, _ in plots}
    )


def overlaps(template):
    taken = {}
    problems = []
    for number, widget in enumerate(body(template)["widgets"]):
        x, y, width, height = (widget[side] for side in ["x", "y", "width", "height"])
        cells = {(column, row) for column in range(x, x + width) for row in range(y, y + height)}
        if x + width > 24 or any(taken.setdefault(cell, number) != number for cell in cells):
            problems.append(f"widget {number} lies on another, or beyond the edge")
    return problems
