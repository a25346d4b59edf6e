/** One request that matters, from before it is sent until its answer was read. What each client reports is turned into these calls. */
export interface Exchange {
  /** A part of the request's body; looked at, never kept. */
  sends?(chunk: unknown): void
  /** The answer's head. Whether its body is wanted. */
  answered(answer: AnswerHead): boolean
  receives(chunk: Uint8Array | string): void
  /** The whole body came. Called before the test can see its end. */
  ended(): void
  /** The body will not be read to its end. */
  cutOff(): void
  /** No answer came. */
  failed(sent: boolean): void
}

export interface AnswerHead {
  readonly status: number
  header(name: string): string | undefined
  /** False when a mocking library gave the answer. */
  readonly real: boolean
  /** It came from another address than that of the request's URL. */
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
