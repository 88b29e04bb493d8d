import { execFileSync } from 'node:child_process';

/** What a POSIX shell makes of command lines of the project, or of Temporal: the words of each, without the program's name. */
export function shellWords(lines: readonly string[]): string[][] {
  const print = '{ printf \'%s\\0\' "$@" END; }';
  const programs = ['dcs_switchover', 'temporal'].map((name) => `${name}() ${print}`);
  const script = [...programs, ...lines.map(callFunction)];
  const output = execFileSync('sh', ['-euc', script.join('\n')], { maxBuffer: 2 ** 26 });
  return output
    .toString()
    .split('END\0')
    .slice(0, -1)
    .map((words) => words.split('\0').slice(0, -1));
}

/** Not every shell allows a function to have a hyphen in its name. */
function callFunction(line: string): string {
  return line.replace(/^dcs-switchover\b/, 'dcs_switchover');
}
