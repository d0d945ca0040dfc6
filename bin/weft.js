#!/usr/bin/env node
import { runCli } from '../dist/src/cli/main.js';

// The application is loaded by the commands that need one, so that `weft --help` answers at once.
const createApplication = async (options) => (await import('../dist/src/app.js')).createApplication(options);

process.exitCode = await runCli(process.argv.slice(2), { createApplication });
