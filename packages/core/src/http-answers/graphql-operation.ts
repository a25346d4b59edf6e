/** The operation that a GraphQL request executes, with its root fields and their arguments. */
import { createRequire } from 'node:module'
import type * as GraphQL from '@0no-co/graphql.web'
import { isGraphql } from '../http-rules/graphql-body.ts'
import type { Json } from '../resource/resource.ts'

export interface ExecutedOperation {
  readonly kind: string
  readonly fields: readonly RootField[]
}

export interface RootField {
  /** Its name in the answer. */
  readonly alias: string
  readonly name: string
  /** With the values of variables. */
  readonly args: Fields
  /** Of a field without arguments: the fields in it that have some, as in `user { create(name: "Ada") { id } }`. */
  readonly inner: readonly string[]
}

type Fields = Readonly<Record<string, Json>>

/** Undefined if it cannot be determined. */
export function executedOperation(sent: Json | undefined): ExecutedOperation | undefined {
  if (!isGraphql(sent)) return undefined
  try {
    return operationIn(documentOf(sent.query), sent)
  } catch {
    return undefined
  }
}

let library: typeof GraphQL | undefined

/** Loaded with the first document. */
function graphql(): typeof GraphQL {
  library ??= createRequire(import.meta.url)('@0no-co/graphql.web') as typeof GraphQL
  return library
}

const maxParsed = 200
const parsed = new Map<string, GraphQL.DocumentNode>()

/** Many resources are removed by the same document. */
function documentOf(text: string): GraphQL.DocumentNode {
  const document = parsed.get(text) ?? graphql().parse(text, { noLocation: true })
  if (parsed.size >= maxParsed) parsed.clear()
  parsed.set(text, document)
  return document
}

function operationIn(
  { definitions }: GraphQL.DocumentNode,
  { operationName, variables }: Fields,
): ExecutedOperation | undefined {
  const operations = definitions.filter((one) => one.kind === 'OperationDefinition')
  const fragments = new Map(
    definitions.flatMap((one) => (one.kind === 'FragmentDefinition' ? [[one.name.value, one] as const] : [])),
  )
  const chosen =
    typeof operationName === 'string' && operationName !== ''
      ? operations.find(({ name }) => name?.value === operationName)
      : operations[0]
  if (!chosen || operations.length + fragments.size < definitions.length) return undefined
  if (!operationName && operations.length > 1) return undefined
  const values = { ...defaultsOf(chosen), ...objectOf(variables) }
  const fields = rootFields(chosen.selectionSet, { fragments, values, within: [] })
  return fields && { kind: chosen.operation, fields }
}

function defaultsOf({ variableDefinitions = [] }: GraphQL.OperationDefinitionNode): Fields {
  const given = variableDefinitions.flatMap(({ variable, defaultValue }) =>
    defaultValue ? [[variable.name.value, jsonOf(defaultValue, {})] as const] : [],
  )
  return Object.fromEntries(given)
}

interface Within {
  readonly fragments: ReadonlyMap<string, GraphQL.FragmentDefinitionNode>
  /** Of variables. */
  readonly values: Fields
  /** Names of the fragments around: none can contain itself. */
  readonly within: readonly string[]
}

/** Undefined if a fragment is missing. */
function rootFields({ selections }: GraphQL.SelectionSetNode, scope: Within): readonly RootField[] | undefined {
  const fields: RootField[] = []
  for (const selection of selections) {
    if (isLeftOut(selection, scope.values)) continue
    const found = selection.kind === 'Field' ? [fieldOf(selection, scope.values)] : spread(selection, scope)
    if (!found) return undefined
    fields.push(...found)
  }
  return fields
}

function spread(
  selection: GraphQL.FragmentSpreadNode | GraphQL.InlineFragmentNode,
  scope: Within,
): readonly RootField[] | undefined {
  if (selection.kind === 'InlineFragment') return rootFields(selection.selectionSet, scope)
  const name = selection.name.value
  const fragment = scope.within.includes(name) ? undefined : scope.fragments.get(name)
  return fragment && rootFields(fragment.selectionSet, { ...scope, within: [...scope.within, name] })
}

function fieldOf({ name, alias, arguments: args = [], selectionSet }: GraphQL.FieldNode, values: Fields): RootField {
  const inner = args.length > 0 ? [] : (selectionSet?.selections ?? [])
  return {
    alias: (alias ?? name).value,
    name: name.value,
    args: argumentsOf(args, values),
    inner: inner.flatMap((one) => (one.kind === 'Field' && one.arguments?.length ? [one.name.value] : [])),
  }
}

function isLeftOut({ directives = [] }: GraphQL.SelectionNode, values: Fields): boolean {
  return directives.some(({ name, arguments: args = [] }) => {
    const condition = argumentsOf(args, values).if
    return (name.value === 'skip' && condition === true) || (name.value === 'include' && condition === false)
  })
}

const argumentsOf = (args: readonly GraphQL.ArgumentNode[], values: Fields): Fields =>
  Object.fromEntries(args.map(({ name, value }) => [name.value, jsonOf(value, values)]))

/** JSON has no undefined variables, and no objects without a prototype. */
const jsonOf = (node: GraphQL.ValueNode, values: Fields): Json =>
  JSON.parse(JSON.stringify(graphql().valueFromASTUntyped(node, values) ?? null)) as Json

const objectOf = (value: Json | undefined): Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {}
