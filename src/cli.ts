#!/usr/bin/env node
/** The `dcs-switchover` command. Loads only what the chosen subcommand needs. */
import { createProcessIo } from './cli/io.js';
import { runCli } from './cli/program.js';

/** Time for output to leave, in milliseconds; what a failed start left behind (threads) must not keep the process. */
const LINGER_MS = 5_000;

void runCli(process.argv.slice(2), createProcessIo()).then((exitCode) => {
  // Not process.exit(): output that is still on its way to a pipe must arrive.
  process.exitCode = exitCode;
  setTimeout(() => process.exit(exitCode), LINGER_MS).unref();
});
