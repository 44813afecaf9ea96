import {existsSync, readdirSync} from 'node:fs'
import {join} from 'node:path'
import {expect, it} from 'vitest'
import {COMMANDS_WITH_MORE_ROOMS, DOORS, FLOORS, type Floor, ROOMS, STAYS_AWAY, VOCABULARY} from './rooms.ts'
import {packageOf, ROOT, type Source, sourcesIn, target} from './sources.ts'

interface Place {
  readonly floor: Floor
  readonly room: string
  /** Path inside the room. */
  readonly inside: string
}

const placeOf = (path: string): Place | undefined => {
  const [src, floor, room, ...inside] = path.split('/')
  if (src !== 'src' || !FLOORS.includes(floor as Floor) || room === undefined) return undefined
  return {floor: floor as Floor, room, inside: inside.join('/')}
}

const house = sourcesIn('src', 'commands')

it('has no room that is not on the plan', () => {
  const built = FLOORS.flatMap((floor) => readdirSync(join(ROOT, 'src', floor)).map((room) => `${floor}/${room}`))
  const planned = FLOORS.flatMap((floor) => Object.keys(ROOMS[floor]).map((room) => `${floor}/${room}`))
  expect(
    built.filter((room) => !planned.includes(room)),
    'Add the room to test/laws/rooms.ts',
  ).toEqual([])
  expect(
    built.filter((room) => !existsSync(join(ROOT, 'src', room, 'index.ts'))),
    'Rooms without a front door',
  ).toEqual([])
})

it('imports only downwards, and among neighbours as planned', () => {
  const wrong = house.flatMap((source) =>
    crossings(source)
      .filter(({to}) => !allowed(source.path, to))
      .map(say),
  )
  expect(wrong, 'See the table "Who may import whom" in CONTRIBUTING.md').toEqual([])
})

it('enters a room through its index.ts', () => {
  const wrong = house.flatMap((source) =>
    crossings(source)
      .filter(({to}) => to.inside !== 'index.ts')
      .map(say),
  )
  expect(wrong, "Export the name from the room's index.ts and import that").toEqual([])
})

it('gives a command the command line and one room', () => {
  const wrong = house
    .filter(({path}) => path.startsWith('commands/'))
    .map((source) => ({path: source.path, rooms: roomsOf(source)}))
    .filter(({path, rooms}) =>
      rooms.some((room) => !(COMMANDS_WITH_MORE_ROOMS[path] ?? rooms.slice(0, 1)).includes(room)),
    )
  expect(wrong, 'Move the work into one room, or add the command to COMMANDS_WITH_MORE_ROOMS').toEqual([])
})

it('opens every package behind one door', () => {
  const wrong = house.flatMap(({path, imports}) =>
    imports
      .map(packageOf)
      .filter(
        (name) =>
          DOORS[name] && !DOORS[name].some((door) => path === door || (door.endsWith('/') && path.startsWith(door))),
      )
      .map((name) => `${path} imports ${name}; its door is ${DOORS[name]!.join(', ')}`),
  )
  expect(wrong).toEqual([])
})

it('knows the door of every dependency', async () => {
  const {default: manifest} = await import('../../package.json', {with: {type: 'json'}})
  const {dependencies = {}} = manifest as {dependencies?: Record<string, string>}
  expect(
    Object.keys(dependencies).filter((name) => !DOORS[name]),
    'Add it to DOORS and docs/decisions.md',
  ).toEqual([])
})

interface Crossing {
  readonly from: string
  readonly specifier: string
  readonly to: Place
}

/** Imports that leave the room they stand in. */
function crossings({path, imports}: Source): Crossing[] {
  const here = placeOf(path)
  return imports.flatMap((specifier) => {
    const to = placeOf(target(path, specifier) ?? '')
    if (!to || (here?.floor === to.floor && here.room === to.room)) return []
    return [{from: path, specifier, to}]
  })
}

function allowed(path: string, to: Place): boolean {
  const here = placeOf(path)
  if (!here) return true
  if (STAYS_AWAY[here.room] === to.floor) return false
  const up = FLOORS.indexOf(here.floor) - FLOORS.indexOf(to.floor)
  if (up !== 0) return up > 0
  const neighbours = ROOMS[here.floor][here.room]
  return neighbours === '*' || (neighbours?.includes(to.room) ?? false)
}

const roomsOf = (source: Source): string[] =>
  [...new Set(crossings(source).map(({to}) => to.room))].filter((room) => !VOCABULARY.includes(room)).sort()

const say = ({from, specifier}: Crossing): string => `${from} → ${specifier}`
