/** The instruments of both libraries, of the versions that are supported. */
import { asOne, type ClientLibrary, type Instrument, unsupportedLibrary } from '@dustpan/core/driver'
import type { Settings } from '../options.ts'
import { kafkaJsInstrument } from './kafkajs.ts'
import { platformaticInstrument } from './platformatic.ts'

interface Library extends ClientLibrary {
  /** The versions of Node that it runs on: the least of each line, and the least of the lines after. */
  readonly node: readonly string[]
}

const kafkaJs: Library = { name: 'kafkajs', range: '^2.2.4', node: ['14'] }
const platformatic: Library = { name: '@platformatic/kafka', range: '^2.2.3', node: ['22.22', '24.6'] }

/** @param root where the tests' libraries are looked for */
export function instruments(names: Settings['headers'], root: string): readonly Instrument[] {
  return [
    ofSupported(kafkaJs, kafkaJsInstrument(names), root),
    ofSupported(platformatic, platformaticInstrument(names), root),
  ]
}

/** What is not supported is left alone, and told. */
function ofSupported(library: Library, instrument: Instrument, root: string): Instrument {
  return {
    ...instrument,
    install(exports, sink) {
      const problem = problemOf(library, root, process.versions.node)
      if (problem === undefined) return instrument.install(exports, sink)
      sink.warn('DUSTPAN_DRIVER_UNAVAILABLE', library.name, `What tests send is not tracked. ${problem}`)
      return asOne([])
    },
  }
}

export function problemOf(library: Library, root: string, node: string): string | undefined {
  const unsupported = unsupportedLibrary(library, root)
  if (unsupported) return `${unsupported.message}. ${unsupported.hint}`
  if (runsOn(library, node)) return undefined
  return `The package ${library.name} needs Node ${library.node.join(' or ')}, and this is ${node}.`
}

function runsOn({ node }: Library, version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const least = node.map((one) => one.split('.').map(Number))
  const ofLine = least.findLast(([line = 0]) => line <= major)
  if (ofLine === undefined) return false
  const [line, from = 0] = ofLine
  return line === major ? minor >= from : ofLine === least.at(-1)
}
