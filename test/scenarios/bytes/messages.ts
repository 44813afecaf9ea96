// What a tunnel may not touch, as a table: messages that come out differently when somebody parses and prints them.

/** One exchange, as texts. */
export interface Exchange {
  readonly name: string
  /** The id token, as the caller writes it. */
  readonly id: string
  /** The request, around an id. */
  request(id: string): string
  /** The answer, around an id. */
  answer(id: string): string
}

const call = (id: string, params = '{"name":"x"}'): string =>
  `{"jsonrpc":"2.0","id":${id},"method":"tools/call","params":${params}}`
const result = (id: string, value = '{"content":[]}'): string => `{"jsonrpc":"2.0","id":${id},"result":${value}}`

const plain = (name: string, id: string): Exchange => ({name, id, request: call, answer: result})
const both = (name: string, value: string): Exchange => ({
  name,
  id: '1',
  request: (id) => call(id, `{"name":"x","arguments":{"value":${value}}}`),
  answer: (id) => result(id, `{"structuredContent":${value}}`),
})
const whole = (name: string, request: Exchange['request'], answer: Exchange['answer'] = result): Exchange => ({
  name,
  id: '7',
  request,
  answer,
})

const deep = (depth: number): string => `${'{"a":['.repeat(depth)}0${']}'.repeat(depth)}`
const longText = 'é'.repeat(10_000)
/** 10 MiB in one member, with an escape and a character of each length now and then. */
const LARGE = `"${'0123456789abcdef\\n\\u00e9é€😀'.repeat(Math.ceil((10 * 1024 * 1024) / 33))}"`

const IDS: readonly Exchange[] = [
  plain('id 0', '0'),
  plain('id 2^53+1', '9007199254740993'),
  plain('id 2^63', '9223372036854775808'),
  plain('id 2^64+1', '18446744073709551617'),
  plain('id -7', '-7'),
  plain('id 1.5', '1.5'),
  plain('id 1.0', '1.0'),
  plain('id 1e3', '1e3'),
  plain('id 1E+3', '1E+3'),
  plain('id of text', '"a string"'),
  plain('id that looks like a number', '"18446744073709551617"'),
  plain('id with escapes', String.raw`"\u0061\"\\\/\n\u2028"`),
  plain('id with a lone surrogate', String.raw`"\ud800"`),
  plain('id with an emoji', '"😀"'),
  plain('empty id', '""'),
  plain('id of 10 000 letters', `"${'x'.repeat(10_000)}"`),
  plain('id of 10 000 escapes', `"${'\\u0041'.repeat(10_000)}"`),
]

const VALUES: readonly Exchange[] = [
  both('integers beyond 2^53', '[9007199254740993,-9223372036854775809,123456789012345678901234567890]'),
  both('numbers that print differently', '[1.0,1e3,1E+2,0.10,-0,-0.0,1e-7,0.1e1,1e400]'),
  both('escapes that print differently', String.raw`"\u0041\/\u00e9\ud83d\ude00\b\f\t\u001F\u0000"`),
  both('raw characters that some escape', `"\u2028\u2029\u007f<>&'é€😀"`),
  both('lone surrogates', String.raw`["\ud800","\udc00","\ud800x","\udc00\ud800"]`),
  both('duplicate keys', '{"a":1,"a":2,"b":{"c":1,"c":2},"a":3}'),
  both('escaped keys', String.raw`{"\u0061":1,"a":2,"":3,"__proto__":{"x":1},"constructor":4}`),
  both('keys in an order that objects do not keep', '{"b":1,"2":2,"a":3,"1":4}'),
  both('white space', '[ 1 ,\t2 , { "a" : [ ] , "b" : { } } ]'),
  both('depth', deep(200)),
  both('JSON inside JSON', JSON.stringify(JSON.stringify({a: [1, 'x"y\\z', {b: '\n'}]}))),
  both('base64 of bytes', `"${Buffer.from(Array.from({length: 4096}, (_, n) => n % 256)).toString('base64')}"`),
  both('a long text of other letters', `"${longText}"`),
]

const MESSAGES: readonly Exchange[] = [
  whole(
    'unknown members, everywhere',
    (id) =>
      `{"x":{"id":9},"jsonrpc":"2.0","id":${id},"method":"tools/call","params":{"name":"x","_meta":{"y":1.0}},"z":[{"method":"no"}]}`,
    (id) => `{"trace":1.0,"jsonrpc":"2.0","id":${id},"result":{"_meta":{"a.b/c":1e3},"isError":false},"id2":3}`,
  ),
  whole(
    'members in another order',
    (id) => `{"params":{"name":"x"},"method":"tools/call","id":${id},"jsonrpc":"2.0"}`,
    (id) => `{"result":{"id":8,"result":{}},"id":${id},"jsonrpc":"2.0"}`,
  ),
  whole(
    'escaped names of members',
    (id) => String.raw`{"\u006asonrpc":"2.0","\u0069d":${id},"meth\u006fd":"tools\/call","params":{"name":"x"}}`,
    (id) => String.raw`{"jsonrpc":"2.0","\u0069d":${id},"resul\u0074":{"a":1.0}}`,
  ),
  whole(
    'white space between tokens',
    (id) => `{ "jsonrpc" : "2.0" ,\t"id"  :  ${id} , "method" : "tools/call" , "params" : { "name" : "x" } }`,
    (id) => `{ "jsonrpc":"2.0" , "id" :\t${id} , "result" : { } }`,
  ),
  whole(
    'an error with more than the protocol knows',
    call,
    (id) =>
      `{"jsonrpc":"2.0","id":${id},"error":{"code":-32099,"message":"\\ud800 no","data":{"n":9007199254740993},"more":1.0}}`,
  ),
  whole(
    'a method that nobody knows',
    (id) => `{"jsonrpc":"2.0","id":${id},"method":"vendor\\/x","params":[1.0,{"a":1e3}]}`,
    (id) => `{"jsonrpc":"2.0","id":${id},"result":[1.0]}`,
  ),
]

/** A result of 10 MiB, as one event or line. */
export const LARGE_ANSWER: Exchange = {
  name: 'an answer of 10 MiB',
  id: '9007199254740993',
  request: call,
  answer: (id) => result(id, `{"text":${LARGE},"after":1.0}`),
}

/** Everything small. */
export const EXCHANGES: readonly Exchange[] = [...IDS, ...VALUES, ...MESSAGES]

/** The texts of `data` in an event stream, comments and other fields left out: what the framing carries. */
export function eventData(body: string): string[] {
  return body
    .split(/\r?\n\r?\n/)
    .map((event) => event.split(/\r?\n/).filter((line) => line.startsWith('data:')))
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.map((line) => line.slice('data:'.length).replace(/^ /, '')).join('\n'))
    .filter((data) => data !== '')
}
