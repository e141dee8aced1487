"""The template agrees with the rest of the repository."""

import json
import re
import tomllib

import expected
import reading


def binaries(written):
    """The binary of each function, as its metadata names it."""
    return {
        name: resource["Metadata"]["Binary"]
        for name, resource in written["Resources"].items()
        if resource["Type"] == "AWS::Serverless::Function"
    }


def test_every_function_runs_the_bootstrap_of_its_own_package(written, root):
    packages = {
        tomllib.loads(manifest.read_text())["package"]["name"] for manifest in root.glob("functions/*/Cargo.toml")
    }
    found = binaries(written)
    assert set(found.values()) == packages
    for name, binary in found.items():
        assert name == "".join(word.title() for word in binary.split("-")) + "Function"
        assert written["Resources"][name]["Properties"]["CodeUri"] == f"target/lambda/{binary}"
        # The bootstraps are built by `make package`; `sam build` would build others, for another glibc.
        assert written["Resources"][name]["Metadata"]["SkipBuild"] is True


def test_cargo_lambda_watch_serves_the_same_routes(written, root):
    manifest = tomllib.loads((root / "Cargo.toml").read_text())
    router = manifest["workspace"]["metadata"]["lambda"]["watch"]["router"]
    # What has no route goes to a function too, so that its answer is a problem.
    assert router.pop("/") == router.pop("/{*path}") == "describe-api"
    # A path goes to its function with every method, as the functions expect; where two share a path, the one that
    # answers preflights gets what the other does not take.
    binary = binaries(written)
    paths = {path for _, path in expected.ROUTES}
    assert router.keys() == paths
    for path in paths:
        served = {method: binary[function] for (method, other), function in expected.ROUTES.items() if other == path}
        entry = router[path]
        if isinstance(entry, str):
            assert set(served.values()) == {entry}
        else:
            methods = ["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"]
            found = {rule["method"]: rule["function"] for rule in entry}
            assert found == {method: served.get(method, served["OPTIONS"]) for method in methods}


def declared(root):
    """What each function says of its own route: method, path, and the other methods of the path."""
    text = r'name: "([\w-]+)",\s*method: Method::(\w+),\s*path: "([^"]+)",\s*siblings: &\[([^\]]*)\]'
    for file in root.glob("functions/*/src/**/*.rs"):
        for body in re.findall(r"const ROUTE: Route = Route \{(.*?)\};", file.read_text(), re.DOTALL):
            name, method, path, siblings = re.search(text, body).groups()
            assert name == file.relative_to(root).parts[1]
            yield name, method.upper(), path, {other.upper() for other in re.findall(r"Method::(\w+)", siblings)}


def test_the_routes_that_the_code_declares_are_those_deployed_and_those_documented(written, root):
    code = {(method, path): name for name, method, path, _ in declared(root)}
    # Pages have a path and no route.
    pages = {("GET", "/health"): "health", ("GET", "/docs"): "describe-api", ("GET", "/openapi.json"): "describe-api"}
    assert not code.keys() & pages.keys()
    binary = binaries(written)
    deployed = {route: binary[function] for route, function in expected.ROUTES.items() if route[0] != "OPTIONS"}
    assert code | pages == deployed
    document = json.loads((root / "functions/describe-api/openapi.json").read_text())
    documented = {
        (method.upper(), path): operation["operationId"]
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }
    assert documented.keys() == deployed.keys()
    assert {route: documented[route] for route in code} == code


def test_a_function_knows_the_other_methods_of_its_path(root):
    routes = list(declared(root))
    for name, method, path, siblings in routes:
        others = {other for _, other, same, _ in routes if same == path and other != method}
        assert siblings == others, name


def test_the_allowed_models_are_the_bundled_ones(written, root):
    manifests = [json.loads(path.read_text()) for path in sorted(root.glob("infra/models/*/manifest.json"))]
    parameters = written["Parameters"]
    assert parameters["ModelAllowedSha256"]["Default"].split(",") == [manifest["sha256"] for manifest in manifests]
    assert parameters["ModelMinimumVersion"]["Default"] == min(manifest["version"] for manifest in manifests)


def test_the_gateway_speaks_the_codes_of_the_front_door(template, root):
    source = (root / "shared/kernel/src/fault.rs").read_text()
    codes = {
        code: (int(status), title) for status, code, title in re.findall(r'\w+ = (\d{3}) "(\w+)" "([^"]+)"', source)
    }
    assert codes, "the codes of the kernel were not found"
    for kind, answer in reading.rest_api(template)["x-amazon-apigateway-gateway-responses"].items():
        body = json.loads(answer["responseTemplates"]["application/json"])
        assert codes[body["code"]] == (body["status"], body["title"]), kind


def test_parameters_refuse_what_would_open_the_api(written):
    def takes(parameter, value):
        return re.search(written["Parameters"][parameter]["AllowedPattern"], value) is not None

    assert takes("CorsOrigins", "") and takes("CorsOrigins", "https://a.example,https://b.example:8443")
    for origin in ["*", "https://*.example", "https://a.example,*", "a.example", "https://a.example/", "null"]:
        assert not takes("CorsOrigins", origin), origin
    assert takes("Stage", "dev") and not takes("Stage", "Dev") and not takes("Stage", "a_b") and not takes("Stage", "")
    assert not takes("ModelAllowedSha256", "") and not takes("ModelAllowedSha256", "*")
    assert takes("WafRateLimit", "0") and takes("WafRateLimit", "600") and not takes("WafRateLimit", "5")
    assert takes("MonthlyBudgetUsd", "0") and takes("MonthlyBudgetUsd", "250")
    assert not takes("MonthlyBudgetUsd", "") and not takes("MonthlyBudgetUsd", "-1") and not takes("MonthlyBudgetUsd", "00")


def test_outputs_name_what_operators_need(written):
    assert written["Outputs"].keys() >= {
        "ApiUrl", "ApiId", "UsagePlanId", "TelemetryTableName", "RequestsTableName", "AuditTableName",
        "ApplicationKeyArn", "PepperSecretArn", "AuditSecretArn", "CursorSecretArn", "KeyringSecretArns",
    }  # fmt: skip


def test_every_alarm_has_its_runbook_and_every_runbook_its_alarm(written, root):
    alarms = [r["Properties"] for r in written["Resources"].values() if r["Type"] == "AWS::CloudWatch::Alarm"]
    named = {alarm["AlarmDescription"].rpartition(" docs/runbooks.md#")[2] for alarm in alarms}
    # What a budget tells has no text of ours.
    budgets = [r for r in written["Resources"].values() if r["Type"] == "AWS::Budgets::Budget"]
    named |= {budget["Metadata"]["Runbook"].removeprefix("docs/runbooks.md#") for budget in budgets}
    titles = re.findall(r"^## (.+)$", (root / "docs/runbooks.md").read_text(), re.MULTILINE)
    # Some runbooks are not for alarms, but for somebody who knows what has happened.
    by_hand = {"a-key-has-leaked", "the-pepper-has-leaked", "data-are-lost"}
    assert {title.lower().replace(" ", "-") for title in titles} == named | by_hand


def test_the_document_has_every_parameter_as_it_is(written, root):
    rows = re.findall(r"^\| `(\w+)` \| (.+?) \| (.+) \|$", (root / "docs/deploying.md").read_text(), re.MULTILINE)
    found = {name: (default, text) for name, default, text in rows if name in written["Parameters"]}
    shown = {"": "empty", written["Parameters"]["ModelAllowedSha256"]["Default"]: "the bundled models"}
    expected = {
        name: (shown.get(p["Default"], f"`{p['Default']}`"), p["Description"].strip())
        for name, p in written["Parameters"].items()
    }
    assert found == expected


def test_the_stack_holds_as_many_resources_as_the_document_says(template, root):
    said = re.findall(r"the stack holds (\d+)|\| (\d+) today", (root / "docs/deploying.md").read_text())
    assert [int(first or second) for first, second in said] == [len(template["Resources"])] * 2
    # CloudFormation takes no more than 500, and what is added needs about five each.
    assert len(template["Resources"]) <= 450


def test_the_document_lists_every_change_made_for_the_emulator(root):
    section = (root / "docs/deploying.md").read_text().partition("| change | for want of |")[2]
    rows = re.findall(r"^\| (.+) \| (.+) \|$", section.partition("\n\n")[0], re.MULTILINE)
    changes = (root / "infra/deploy/emulated.py").read_text().partition("CHANGES = [")[2].partition("]")[0]
    assert len(rows) == len(re.findall(r"\w+,", changes)) > 0


def test_the_access_line_writes_what_the_filters_count(written):
    line = written["Resources"]["Api"]["Properties"]["AccessLogSetting"]["Format"]
    # A quoted number is a text, and a filter that compares it with a number finds nothing.
    assert json.loads(line)["status"] == "$context.status"


def code(path):
    """A source without its tests."""
    return path.read_text().partition("#[cfg(test)]")[0]


def test_the_metrics_that_are_expected_are_those_that_are_printed(root):
    requests, invocations = (code(root / f"shared/gate/src/{name}.rs") for name in ["log", "unattended"])
    pair = r'\("(\w+)", "\w+"\)'

    def common(source):
        return set(re.findall(pair, re.search(r"let common = \[(.+)\];", source)[1]))

    assert common(requests) | set(re.findall(r'Some\(\("(\w+)", 1\)\)', requests)) == expected.REQUEST_METRICS
    assert common(invocations) == expected.INVOCATION_METRICS

    # What the authorizer counts is counted by the door that it shares with no endpoint.
    recogniser = code(root / "shared/gate/src/recogniser.rs")
    called, nobody = {"authorize": set(re.findall(r'&\[\("(\w+)", 1\)\]', recogniser))}, {}
    for folder in (root / "functions").iterdir():
        source = "".join(code(path) for path in sorted(folder.glob("src/**/*.rs")))
        if re.search(r"gate::(follow|consume|run_routine|run_unattended)\b", source):
            # Names are given alone, or as the elements of a slice.
            lists = re.findall(r'(?:&|vec!)\[((?:"[a-z_]+"(?:, )?)+)\]', source)
            alone = re.findall(r'(?:push|Some)\("([a-z_]+)"\)', code(folder / "src/handler.rs"))
            nobody[folder.name] = set(alone) | {name for names in lists for name in re.findall(r'"(\w+)"', names)}
        elif own := set(re.findall(r'\.counting\("(\w+)"', source)):
            called[folder.name] = own
    assert called == expected.REQUEST_METRICS_OF
    assert nobody == expected.INVOCATION_METRICS_OF
