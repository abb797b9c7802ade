#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""demo_chain.py COMMAND ARGUMENT…: what scripts/demo --chain asks of the test chain, a report and a trust file.

    fault READY [NAME]              switches a fault of the network on, or all off (tests/support/chain/faults.mjs)
    pin READY ID                    prints the chain's pin
    extra READY BLOCK               prints a block's extraData as the network shows it: its seals
    count READY ACCOUNT             prints how many transactions an account sent, and for how many digests
    anchor REPORT MEMBER            prints a member of the report's first chain anchor, or its reason
    policy TRUST WITNESSES TIMES    changes how much a trust file asks for

READY is the file with the line that sealing_proxy.mjs writes when it is ready."""
import json
import sys
import urllib.request

CALL_SECONDS = 30


def read(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def call(url, method, *parameters):
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": parameters}).encode()
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=CALL_SECONDS) as answer:
        return json.load(answer)["result"]


def fault(ready, name=None):
    control = read(ready)["control"]
    if name:
        call(control, "test_setFault", {"name": name})
    else:
        call(control, "test_clearFault")


def pin(ready, chain):
    known = read(ready)
    entry = {"id": chain, "chain_id": known["chainId"], "mode": known["mode"],
             "validator_sets": call(known["control"], "test_validatorSets"), "operator": chain}
    print(json.dumps({"fieldseal": "chain/v1", "chain": entry, "genesis_hash": known["genesisHash"],
                      "block_period_s": 1}, indent=2))


def extra(ready, block):
    print(call(read(ready)["rpc"][0], "eth_getBlockByNumber", hex(int(block)), False)["extraData"])


def count(ready, account):
    url = read(ready)["rpc"][0]
    newest = int(call(url, "eth_blockNumber"), 16)
    sent = [each["input"] for number in range(1, newest + 1)
            for each in call(url, "eth_getBlockByNumber", hex(number), True)["transactions"]
            if each["from"].lower() == account]
    print(len(sent), len(set(sent)))


def anchor(report, member):
    details = [detail for step in read(report)["steps"] for detail in step["details"]]
    found = next(each for each in details if "chain" in each or each["reason"].startswith("chain-"))
    print(found["reason"] if member == "reason" else found["chain"][member])


def policy(trust, witnesses, times):
    content = read(trust)
    content["policy"] = {"witness_quorum": int(witnesses), "time_quorum": int(times)}
    with open(trust, "w", encoding="utf-8") as file:
        json.dump(content, file, indent=2)


COMMANDS = {command.__name__: command for command in (fault, pin, extra, count, anchor, policy)}

if __name__ == "__main__":
    COMMANDS[sys.argv[1]](*sys.argv[2:])
