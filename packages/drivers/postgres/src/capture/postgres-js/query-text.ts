/** The text that the library makes of a template: by the library itself, as fragments, helpers and the client's options have their say. */
import type { Classes, JsOptions, JsQuery } from './library.ts'

/** What a template's static parts say, those of its fragments too. */
export function staticText({ strings, args }: JsQuery): string {
  const inner = args.flatMap(templatesIn).map(staticText)
  return [...strings, ...inner].join(' ')
}

/** Several are given as a list. */
function templatesIn(arg: unknown): readonly JsQuery[] {
  if (isTemplate(arg)) return [arg]
  return Array.isArray(arg) && isTemplate(arg[0]) ? arg.filter(isTemplate) : []
}

/** A helper (`sql(row)`), and what nobody knows: only what is no object certainly is a value. */
export function mayNameColumns(arg: unknown): boolean {
  return typeof arg === 'object' && arg !== null && !(arg instanceof Date) && !isTemplate(arg)
}

const isTemplate = (value: unknown): value is JsQuery =>
  typeof value === 'object' && value !== null && Array.isArray((value as Partial<JsQuery>).strings)

/** What the library makes of a query, with the values that a template has. */
export interface Built {
  readonly text: string
  readonly parameters: readonly unknown[]
  readonly types: readonly unknown[]
}

/** @throws what the library throws for values that it refuses */
export function built(classes: Classes, query: JsQuery, options: JsOptions): Built {
  const parameters: unknown[] = []
  const types: unknown[] = []
  const text = query.tagged
    ? flattened(classes, copyOf(classes, query), parameters, types, options)
    : (query.strings[0] ?? '')
  return { text, parameters, types }
}

/** Has the query send another text, with the values that it was built with: what the user's objects have become since does not fit it. */
export function sendInstead(classes: Classes, query: JsQuery, text: string, given: Built): void {
  if (!query.tagged) {
    query.strings = [text]
    return
  }
  query.strings = Object.assign(['', ''], { raw: ['', ''] })
  query.args = [
    spy(classes, (parameters, types) => {
      parameters.push(...given.parameters)
      types.push(...given.types)
      return text
    }),
  ]
}

type Build = (parameters: unknown[], types: unknown[], options: JsOptions) => string

/** A part of a template that is asked for its text with the options of whichever client sends it. */
export function spy({ Builder }: Classes, build: Build): object {
  const own = (_before: string, parameters: unknown[], types: unknown[], options: JsOptions) =>
    build(parameters, types, options)
  return Object.create(Builder.prototype, { build: { value: own } })
}

function copyOf({ Query }: Classes, { strings, args, handler, canceller }: JsQuery): JsQuery {
  return new Query(strings, args, handler, canceller)
}

/** `select` helpers write fragments as they are, and the name behind them. */
function flattened(
  { Builder }: Classes,
  fragment: JsQuery,
  parameters: unknown[],
  types: unknown[],
  options: JsOptions,
): string {
  const text = Builder.prototype.build.call({ first: { a: fragment }, rest: [] }, 'select ', parameters, types, options)
  return text.slice(0, text.lastIndexOf(' as "'))
}
