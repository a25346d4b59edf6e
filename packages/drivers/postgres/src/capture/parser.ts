/** PostgreSQL's own parser, compiled to WebAssembly: loaded when the first `pg` is, in about 15 ms. */
type Parser = typeof import('libpg-query')

let parsing: Parser | undefined
let loading: Promise<void> | undefined

export const parser = {
  get loaded(): boolean {
    return parsing !== undefined
  },
  /** Loads once; later calls wait for the same. */
  load(): Promise<void> {
    loading ??= import('libpg-query').then(async (module) => {
      await module.loadModule()
      parsing = module
    })
    return loading
  },
  parse: (text: string) => loaded().parseSync(text),
  scan: (text: string) => loaded().scanSync(text),
}

function loaded(): Parser {
  if (parsing) return parsing
  throw new Error('The parser is not loaded yet')
}
