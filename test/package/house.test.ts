/** The rooms of `src/` and the arrows between them: as drawn in ARCHITECTURE.md, and nowhere in a circle. */
import { readFileSync } from 'node:fs';
import path from 'node:path';

import { describe, expect, test } from '@jest/globals';
import ts from 'typescript';

const ROOT = path.join(__dirname, '../..');

type Graph = ReadonlyMap<string, ReadonlySet<string>>;

const FILES = ts.sys
  .readDirectory(path.join(ROOT, 'src'), ['.ts'])
  .map((file) => path.relative(ROOT, file));

function importsOf(file: string): Set<string> {
  const { importedFiles } = ts.preProcessFile(readFileSync(path.join(ROOT, file), 'utf8'));
  const own = importedFiles.map(({ fileName }) => fileName).filter((name) => name.startsWith('.'));
  return new Set(own.map((name) => path.join(path.dirname(file), name).replace(/\.js$/, '.ts')));
}

const IMPORTS: Graph = new Map(FILES.map((file) => [file, importsOf(file)]));

/** `src/client/start.ts` and the door `src/client.ts` are of the room `client`. */
const roomOf = (file: string): string => (file.split('/')[1] ?? '').replace(/\.ts$/, '');

function arrowsBetweenRooms(): Graph {
  const arrows = new Map<string, Set<string>>();
  for (const [file, imports] of IMPORTS) {
    const room = roomOf(file);
    const others = [...imports].map(roomOf).filter((other) => other !== room);
    arrows.set(room, new Set([...(arrows.get(room) ?? []), ...others]));
  }
  return arrows;
}

/** The arrows of the picture in ARCHITECTURE.md: lines such as `worker --> projects`. */
function drawnArrows(): Graph {
  const text = readFileSync(path.join(ROOT, 'ARCHITECTURE.md'), 'utf8');
  const [, picture = ''] = /```mermaid\n([\s\S]*?)```/.exec(text) ?? [];
  const arrows = new Map<string, Set<string>>();
  for (const [, from = '', to = ''] of picture.matchAll(/^ *([\w-]+) --> ([\w-]+)$/gm))
    arrows.set(from, new Set([...(arrows.get(from) ?? []), to]));
  return arrows;
}

function reachableFrom(start: string, graph: Graph): Set<string> {
  const found = new Set<string>();
  const open = [start];
  for (let node = open.pop(); node !== undefined; node = open.pop())
    for (const next of graph.get(node) ?? [])
      if (!found.has(next)) {
        found.add(next);
        open.push(next);
      }
  return found;
}

describe('the house', () => {
  test('has no file that imports itself by way of others', () => {
    expect(FILES.length).toBeGreaterThan(200);
    expect(FILES.filter((file) => reachableFrom(file, IMPORTS).has(file))).toEqual([]);
  });

  test('has no import between rooms that does not follow the arrows of the picture', () => {
    const drawn = drawnArrows();
    const wrong = [...arrowsBetweenRooms()].flatMap(([room, others]) => {
      const allowed = reachableFrom(room, drawn);
      return [...others]
        .filter((other) => !allowed.has(other))
        .map((other) => `${room} --> ${other}`);
    });
    expect(wrong).toEqual([]);
  });

  test('has an import for every arrow of the picture', () => {
    const real = arrowsBetweenRooms();
    const missing = [...drawnArrows()].flatMap(([room, others]) =>
      [...others]
        .filter((other) => real.get(room)?.has(other) !== true)
        .map((other) => `${room} --> ${other}`),
    );
    expect(missing).toEqual([]);
  });

  test('has a line in the module map for every room and every file that is none', () => {
    const map = readFileSync(path.join(ROOT, 'ARCHITECTURE.md'), 'utf8');
    const rooms = [...new Set(FILES.map((file) => file.split('/').slice(0, 2).join('/')))];
    const names = rooms.map((room) => (room.endsWith('.ts') ? room : `${room}/`));
    expect(names.filter((name) => !map.includes(`\`${name}\``))).toEqual([]);
  });
});
