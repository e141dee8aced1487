"""Finding one's way in a transformed template."""

import re

ALIAS = "AWS::Lambda::Alias"


def resources(template, kind):
    """The resources of a type, by logical id."""
    return {name: r for name, r in template["Resources"].items() if r["Type"] == kind}


def properties(template, name):
    return template["Resources"][name]["Properties"]


def references(value):
    """The logical ids and parameters that a value refers to, without AWS's own."""
    found = set()
    if isinstance(value, dict):
        for key, inner in value.items():
            if key == "Ref":
                found.add(inner)
            elif key == "Fn::GetAtt":
                found.add(inner[0] if isinstance(inner, list) else inner.split(".")[0])
            elif key == "Fn::Sub":
                text, variables = inner if isinstance(inner, list) else (inner, {})
                found |= {n.split(".")[0] for n in re.findall(r"\$\{([^!}]+)\}", text)} - set(variables)
                found |= references(variables)
            else:
                found |= references(inner)
    elif isinstance(value, list):
        found = set().union(*map(references, value)) if value else found
    return {name for name in found if not name.startswith("AWS::")}


def substituted(value):
    """The text of a plain `Fn::Sub`, each variable standing for itself: `${Stage}` becomes `<Stage>`."""
    return re.sub(r"\$\{([^!}]+)\}", r"<\1>", value["Fn::Sub"])


def called(template, value):
    """The functions that a value names, by themselves or by an alias."""
    names = references(value)
    aliases = {name: references(a["Properties"]["FunctionName"]) for name, a in resources(template, ALIAS).items()}
    return set().union(*(aliases.get(name, {name}) for name in names))


def listed(value):
    """IAM writes one value where it means a list of one."""
    return value if isinstance(value, list) else [value]


def statements(role):
    """The statements of a role's inline policies."""
    for policy in role["Properties"].get("Policies", []):
        yield from listed(policy["PolicyDocument"]["Statement"])


def role_of(template, function):
    """The logical id of a function's role."""
    (role,) = references(properties(template, function)["Role"])
    return role


def rest_api(template):
    return properties(template, "Api")["Body"]


def operations(template):
    """Every operation of the API: method, path, and what API Gateway does with it."""
    for path, methods in rest_api(template)["paths"].items():
        for method, operation in methods.items():
            yield method.upper(), path, operation


def authorizer(template):
    return rest_api(template)["components"]["securitySchemes"]["Authorize"]["x-amazon-apigateway-authorizer"]


def stage(template):
    return properties(template, "ApiStage")


def is_retained(resource):
    """Whether the resource outlives its stack and its replacement."""
    return (resource.get("DeletionPolicy"), resource.get("UpdateReplacePolicy")) == ("Retain", "Retain")
