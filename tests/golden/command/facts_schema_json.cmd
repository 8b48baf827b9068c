muster facts rules/acme/ready.muster --json-schema | python3 -m json.tool > /dev/null && echo JSON
