import {
  checkOptionRules,
  type DriverConfig,
  eachOf,
  isFlag,
  isRecord,
  isText,
  milliseconds,
  type OptionRules,
  sharedRules,
} from '@dustpan/core/driver'
import { parseBrokers } from './identity.ts'
import type { Address } from './wire/broker.ts'
import type { Sasl } from './wire/sasl.ts'

type Env = { readonly env: string; readonly default?: string }

export interface KafkaOptions {
  /**
   * Unique in the configuration.
   * @default 'kafka'
   */
  readonly name?: string
  /**
   * The bootstrap brokers: `'localhost:9092'`, several separated by commas or in an array; `env('KAFKA_BROKERS')`. Only
   * messages to the cluster of these brokers are tracked and get headers.
   * @default every broker on this machine
   */
  readonly brokers?: string | Env | readonly (string | Env)[]
  /**
   * TLS for Dustpan's own connections: `true`, or files of a certificate authority and a client certificate, relative
   * to the configuration.
   * @default false
   */
  readonly ssl?: boolean | SslOptions
  /**
   * The login for Dustpan's own connections.
   * @default none
   */
  readonly sasl?: SaslOptions
  /**
   * Whether messages sent and topics created with `kafkajs` and `@platformatic/kafka` are tracked automatically.
   * @default true
   */
  readonly capture?: boolean
  /**
   * The names of the headers with the run and the flow of each message; `false`: none. A header that the message already has stays.
   * @default { run: 'test-run-id', flow: 'flow-id', baggage: true }
   */
  readonly headers?: boolean | HeaderNames
  /**
   * The consumer group that should read the tests' messages, for all topics or by topic. The report says whether the
   * group has read each message.
   * @example { orders: 'billing' }
   */
  readonly consumedBy?: string | { readonly [topic: string]: string }
  /**
   * How long the end of a test waits for that group: a duration (`'500ms'`) or milliseconds.
   * @default '2s'
   */
  readonly consumedWithin?: string | number
}

export interface SslOptions {
  readonly ca?: string
  readonly cert?: string
  readonly key?: string
  /** @default true */
  readonly rejectUnauthorized?: boolean
}

export interface SaslOptions {
  /** @default 'plain' */
  readonly mechanism?: 'plain' | 'scram-sha-256' | 'scram-sha-512' | 'oauthbearer'
  readonly username?: string | Env
  readonly password?: string | Env
  /** For `oauthbearer`. */
  readonly token?: string | Env
}

export interface HeaderNames {
  /** @default 'test-run-id' */
  readonly run?: string | false
  /** @default 'flow-id' */
  readonly flow?: string | false
  /** W3C `baggage`, with which an application passes on the test's name. @default true */
  readonly baggage?: boolean
}

/** The options as the driver uses them. */
export interface Settings {
  readonly brokers: readonly Address[] | undefined
  readonly ssl: boolean | SslOptions
  readonly sasl: Sasl | undefined
  readonly capture: boolean
  readonly headers: { readonly run: string | false; readonly flow: string | false; readonly baggage: boolean }
  /** The group for a topic. */
  consumerOf(topic: string): string | undefined
  readonly hasConsumers: boolean
  readonly consumedWithinMs: number
}

/**
 * A Kafka cluster for the `drivers` of a configuration. Messages that `kafkajs` and `@platformatic/kafka` send are
 * reported; topics that tests create are deleted.
 * @example
 * defineConfig({ drivers: [kafka({ brokers: env('KAFKA_BROKERS') })] })
 */
export function kafka(options: KafkaOptions = {}): DriverConfig<Omit<KafkaOptions, 'name'>> {
  const { name = 'kafka', ...rest } = options
  return { use: '@dustpan/kafka', name, options: rest }
}

const isName = (value: unknown) => value === false || isText(value)
const mechanisms = ['plain', 'scram-sha-256', 'scram-sha-512', 'oauthbearer']

type Options = Omit<KafkaOptions, 'name'>

const rules: OptionRules<Options> = {
  brokers: ["brokers, such as 'localhost:9092' or an array of them", isBrokers],
  ssl: [
    'true, false, or the files ca, cert, key and the flag rejectUnauthorized',
    (value) => isFlag(value) || isFields(value, { ca: isText, cert: isText, key: isText, rejectUnauthorized: isFlag }),
  ],
  sasl: [
    `a mechanism (${mechanisms.join(', ')}) with username and password, or a token for oauthbearer`,
    isSasl,
    (found) => Object.keys(Object(found)),
  ],
  capture: sharedRules.capture,
  headers: [
    'true, false, or names for run and flow and a flag for baggage',
    (value) => isFlag(value) || isFields(value, { run: isName, flow: isName, baggage: isFlag }),
  ],
  consumedBy: [
    "a consumer group's name, or one for each topic",
    (value, root) => isText(value) || eachOf(isText)(value, root),
  ],
  consumedWithin: ["a duration such as '2s', or milliseconds", (value) => milliseconds(value) !== undefined],
}

/** @throws DustpanError `DUSTPAN_CONFIG_INVALID` that names the option, the expected and the actual value. */
export function checkOptions(instance: string, given: unknown): Settings {
  return settingsOf(checkOptionRules(instance, given, rules))
}

function settingsOf(options: Options): Settings {
  const { brokers, ssl = false, sasl, capture = true, headers = true, consumedBy, consumedWithin = '2s' } = options
  const named = headers === false ? { run: false, flow: false, baggage: false } : headers === true ? {} : headers
  return {
    brokers: brokers === undefined ? undefined : parseBrokers([brokers].flat().join(',')),
    ssl,
    sasl: sasl && ({ mechanism: 'plain', ...sasl } as Sasl),
    capture,
    headers: { run: 'test-run-id', flow: 'flow-id', baggage: true, ...(named as Partial<Settings['headers']>) },
    consumerOf: (topic) =>
      isRecord(consumedBy) ? (consumedBy as Record<string, string>)[topic] : (consumedBy as string),
    hasConsumers: consumedBy !== undefined,
    consumedWithinMs: milliseconds(consumedWithin) ?? 0,
  }
}

function isBrokers(value: unknown): boolean {
  const list = [value].flat()
  if (list.length === 0 || !list.every(isText)) return false
  const brokers = parseBrokers(list.join(','))
  return brokers.length > 0 && brokers.every(({ host, port }) => /^[\w.:%-]+$/.test(host) && port > 0 && port < 65_536)
}

function isSasl(value: unknown): boolean {
  if (!isFields(value, { mechanism: isText, username: isText, password: isText, token: isText })) return false
  const { mechanism = 'plain', username, password, token } = value as Record<string, unknown>
  if (!mechanisms.includes(mechanism as string)) return false
  return mechanism === 'oauthbearer' ? token !== undefined : username !== undefined && password !== undefined
}

function isFields(value: unknown, fields: { readonly [field: string]: (value: unknown) => boolean }): boolean {
  return (
    isRecord(value) &&
    Object.entries(value).every(([field, one]) => one === undefined || (fields[field]?.(one) ?? false))
  )
}
