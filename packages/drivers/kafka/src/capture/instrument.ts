/** The instruments of both libraries, limited to supported versions. */
import { asOne, type ClientLibrary, type Instrument, unsupportedLibrary } from '@dustpan/core/driver'
import type { Settings } from '../options.ts'
import { kafkaJsInstrument } from './kafkajs.ts'
import { platformaticInstrument } from './platformatic.ts'

interface Library extends ClientLibrary {
  /** The minimum version of Node for each major version; the last one also applies to later major versions. */
  readonly node: readonly string[]
}

const kafkaJs: Library = { name: 'kafkajs', range: '^2.2.4', node: ['14'] }
const platformatic: Library = { name: '@platformatic/kafka', range: '^2.2.3', node: ['22.22', '24.6'] }

/** @param root the directory to resolve the tests' libraries from */
export function instruments(names: Settings['headers'], root: string): readonly Instrument[] {
  return [
    ofSupported(kafkaJs, kafkaJsInstrument(names), root),
    ofSupported(platformatic, platformaticInstrument(names), root),
  ]
}

/** Does not capture an unsupported version, and warns about it. */
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
  const minimums = node.map((one) => one.split('.').map(Number))
  const minimum = minimums.findLast(([line = 0]) => line <= major)
  if (minimum === undefined) return false
  const [line, from = 0] = minimum
  return line === major ? minor >= from : minimum === minimums.at(-1)
}
