// `/api/stream`: state, calls and log as they happen, as server-sent events.

import type {StreamEventType} from '../api/index.ts'
import {queryOf, send, TEXT} from './answer.ts'
import {refuseQuery, strangeParameter} from './query.ts'
import type {OpsRouteFactory} from './route.ts'

const TYPES: readonly StreamEventType[] = ['state', 'call', 'event']
const RETRY_AFTER_SECONDS = '5'

/** The endpoint. `Last-Event-ID` (or `?after=`) continues after that event; `?types=state,event` leaves kinds out. */
export const streamRoute: OpsRouteFactory = (sources) => ({
  path: '/api/stream',
  access: 'operator',
  methods: 'read',
  handle: (exchange) => {
    const query = queryOf(exchange)
    const strange = strangeParameter(query, ['types', 'after'])
    if (strange !== null) return refuseQuery(exchange, strange)
    const wanted = query.get('types')?.split(',') ?? TYPES
    const types = new Set(TYPES.filter((type) => wanted.includes(type)))
    if (types.size !== wanted.length) {
      return refuseQuery(exchange, {parameter: 'types', message: `types are one or more of ${TYPES.join(', ')}`})
    }
    const {request, response} = exchange
    if (request.method === 'HEAD') return send(exchange, {status: 200, type: 'text/event-stream', body: ''})
    const header = request.headers['last-event-id']
    const after = (typeof header === 'string' && header !== '' ? header : query.get('after')) || null
    if (sources.stream(response, {after, types})) return
    send(exchange, {
      status: 503,
      type: TEXT,
      body: 'too many readers of the stream\n',
      headers: {'Retry-After': RETRY_AFTER_SECONDS},
    })
  },
})
