export type ViolationKind = 'unique' | 'reference' | 'value'

/** The database refused a change because of a constraint. */
export class Violation extends Error {
  readonly kind: ViolationKind

  constructor(kind: ViolationKind, cause: unknown) {
    super(messages[kind], { cause })
    this.kind = kind
  }
}

const messages: Record<ViolationKind, string> = {
  unique: 'There is one like this already',
  reference: 'It refers to something that is not there, or something still refers to it',
  value: 'A value is missing or not allowed',
}
