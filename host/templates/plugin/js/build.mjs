// Makes a component of plugin.js and what it imports, with nothing of a system: no clock, no randomness, no output.
import { componentize } from '@bytecodealliance/componentize-js';
import { writeFile } from 'node:fs/promises';

const [, , sourcePath, witPath, out] = process.argv;
const disableFeatures = ['random', 'stdio', 'clocks', 'http', 'fetch-event'];
const { component } = await componentize({ sourcePath, witPath, worldName: 'plugin', disableFeatures });
await writeFile(out, component);
