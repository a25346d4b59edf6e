/** Builds the text of a query with the library itself, because fragments, helpers and the client's options affect it. */
import type { Classes, JsOptions, JsQuery } from './library.ts'

/** The static text of a template and of its fragments. */
export function staticText({ strings, args }: JsQuery): string {
  const inner = args.flatMap(templatesIn).map(staticText)
  return [...strings, ...inner].join(' ')
}

/** The templates in an argument: one, or a list of them. */
function templatesIn(arg: unknown): readonly JsQuery[] {
  if (isTemplate(arg)) return [arg]
  return Array.isArray(arg) && isTemplate(arg[0]) ? arg.filter(isTemplate) : []
}

/** Whether an argument may name columns: a helper (`sql(row)`) or an unknown object. Only non-objects are certainly values. */
export function mayNameColumns(arg: unknown): boolean {
  return typeof arg === 'object' && arg !== null && !(arg instanceof Date) && !isTemplate(arg)
}

const isTemplate = (value: unknown): value is JsQuery =>
  typeof value === 'object' && value !== null && Array.isArray((value as Partial<JsQuery>).strings)

/** The text that the library builds for a query, with its values. */
export interface Built {
  readonly text: string
  readonly parameters: readonly unknown[]
  readonly types: readonly unknown[]
}

/** @throws what the library throws for values that it rejects */
export function buildQuery(classes: Classes, query: JsQuery, options: JsOptions): Built {
  const parameters: unknown[] = []
  const types: unknown[] = []
  const text = query.tagged
    ? flattened(classes, copyOf(classes, query), parameters, types, options)
    : (query.strings[0] ?? '')
  return { text, parameters, types }
}

/** Makes the query send another text with the values that it was built with: objects of the user may have changed since. */
export function sendInstead(classes: Classes, query: JsQuery, text: string, original: Built): void {
  if (!query.tagged) {
    query.strings = [text]
    return
  }
  query.strings = Object.assign(['', ''], { raw: ['', ''] })
  query.args = [
    spy(classes, (parameters, types) => {
      parameters.push(...original.parameters)
      types.push(...original.types)
      return text
    }),
  ]
}

type Build = (parameters: unknown[], types: unknown[], options: JsOptions) => string

/** A builder that is called for its text with the options of the client that sends it. */
export function spy({ Builder }: Classes, build: Build): object {
  const buildText = (_before: string, parameters: unknown[], types: unknown[], options: JsOptions) =>
    build(parameters, types, options)
  return Object.create(Builder.prototype, { build: { value: buildText } })
}

function copyOf({ Query }: Classes, { strings, args, handler, canceller }: JsQuery): JsQuery {
  return new Query(strings, args, handler, canceller)
}

/** Flattens a template: a `select` helper writes fragments unchanged, followed by the column name. */
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
