// SPDX-License-Identifier: Apache-2.0
//
// Judges records in WebAssembly: verdict lines of all verdicts of an image, as `muster eval
// --format ndjson` prints them.
//
//     node run_wasm.mjs VERDICTS.wasm IMAGE RECORDS 2026-08-15T00:00:00Z
import { readFileSync } from "node:fs";

const [wasm, image, records, at] = process.argv.slice(2);
const now = Date.parse(at) / 1000;
if (!Number.isInteger(now)) {
    console.error("usage: node run_wasm.mjs VERDICTS.wasm IMAGE RECORDS TIME");
    process.exit(2);
}
const { instance } = await WebAssembly.instantiate(readFileSync(wasm), {});
const machine = instance.exports;

function put(place, file) {
    const bytes = readFileSync(file);
    if (bytes.length > machine.room()) {
        throw new Error(`${file} is larger than the room for it`);
    }
    new Uint8Array(machine.memory.buffer).set(bytes, place);
    return bytes.length;
}

const len = machine.judge(put(machine.image(), image), put(machine.records(), records), BigInt(now));
if (len < 0) {
    console.error(`run_wasm: libmuster says ${-1 - len}`);
    process.exit(1);
}
process.stdout.write(new Uint8Array(machine.memory.buffer, machine.output(), len));
