/** A captured request, from before it is sent until its answer was read. Each client's events are translated into these calls. */
export interface Exchange {
  /** A chunk of the request's body; inspected only. @param encoding that of a text; UTF-8 by default */
  sends?(chunk: unknown, encoding?: unknown): void
  /** The answer's head. Returns whether its body is wanted. */
  answered(answer: AnswerHead): boolean
  receives(chunk: Uint8Array | string): void
  /** The body is complete. Called before the test can see its end. */
  ended(): void
  /** The body will not be read to its end. */
  cutOff(): void
  /** No answer arrived. */
  failed(sent: boolean): void
}

export interface AnswerHead {
  readonly status: number
  header(name: string): string | undefined
  /** False when a mocking library gave the answer. */
  readonly real: boolean
  /** It came from an address other than that of the request's URL. */
  readonly isElsewhere?: boolean
}

/** A request as it is about to be sent. */
export interface SentRequest {
  readonly method: string
  readonly origin: string
  /** With its query. */
  readonly path: string
  headers(): readonly (readonly [name: string, value: string])[]
}
