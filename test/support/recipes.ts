/** The recipes of docs/recipes.md, as they stand there. */
import { readFileSync } from 'node:fs';
import path from 'node:path';

const PAGE = readFileSync(path.join(__dirname, '../../docs/recipes.md'), 'utf8');

/** The block under a heading of the page. */
export function recipeUnder(heading: string): string {
  const [, section = ''] = PAGE.split(`\n## ${heading}\n`);
  const [, block] = /^```\w+\n([\s\S]*?)^```$/m.exec(section) ?? [];
  if (block === undefined) throw new Error(`no block under "${heading}"`);
  return block;
}

/** Words with what stands for their blanks: `$(NAME)` as Kubernetes, `{{ name }}` as Ansible, `${{ name }}` as GitHub fill them in. */
export function fillIn(
  words: readonly string[],
  values: Readonly<Record<string, string>>,
): readonly string[] {
  return words.map((word) =>
    word.replace(
      /\$\((\w+)\)|\$?\{\{ ([\w.]+) \}\}/g,
      (_, inBrackets?: string, inBraces?: string) => {
        const name = inBrackets ?? inBraces ?? '';
        const value = values[name];
        if (value === undefined) throw new Error(`nothing stands for ${name}`);
        return value;
      },
    ),
  );
}

/** The parts of the GitHub Action that are run. */
export interface GithubWorkflow {
  readonly jobs: {
    readonly 'switch-over': {
      readonly env: Readonly<Record<string, string>>;
      readonly steps: readonly { readonly run?: string }[];
    };
  };
}

/** The parts of the GitLab job that are run. */
export interface GitlabPipeline {
  readonly 'switch-over': {
    readonly variables: Readonly<Record<string, string>>;
    readonly script: readonly string[];
  };
}

/** The parts of the hook of Argo CD that decide something. */
export interface ArgoJob {
  readonly spec: {
    readonly podFailurePolicy: { readonly rules: readonly [{ readonly onExitCodes: object }] };
    readonly template: {
      readonly spec: { readonly containers: readonly [{ readonly args: readonly string[] }] };
    };
  };
}

/** The play of Ansible, and the task that switches over. */
export type AnsiblePlay = readonly [
  {
    readonly tasks: readonly [
      { readonly 'ansible.builtin.command': { readonly argv: readonly string[] } },
    ];
  },
];
