// What the emulator requires is what VOD requires: the typings of the SDK have those parameters without a question mark.
'use strict'

const assert = require('node:assert/strict')
const { readFileSync } = require('node:fs')
const { test } = require('node:test')
const { client, emulate, options, permanent, refusal } = require('./emulator')

const actions = [
  'ProcessMedia', 'ProcessMediaByProcedure', 'DescribeMediaInfos', 'SearchMedia', 'ApplyUpload', 'CommitUpload', 'PullUpload',
  'DeleteMedia', 'ModifyMediaInfo', 'DescribeTaskDetail', 'DescribeTasks', 'ConfirmEvents', 'PullEvents', 'DescribeEventsState',
  'DescribeEventConfig', 'ModifyEventConfig'
]

// What no typing tells: VOD must be told the file by one of two parameters.
const file = { ProcessMedia: { FileId: '1' }, ProcessMediaByProcedure: { FileId: '1' } }

// types has the members of each interface: their names, whether they are required, of which type, and whether they are lists.
const types = new Map()
const models = require.resolve('tencentcloud-sdk-nodejs-vod/tencentcloud/services/vod/v20180717/vod_models.js')
const typings = readFileSync(models.replace('.js', '.d.ts'), 'utf8').replace(/\/\*[^]*?\*\//g, '')
for (const [, name, body] of typings.matchAll(/export interface (\w+) {([^}]*)}/g)) {
  const members = [...body.matchAll(/(\w+)(\??): (Array<)?(\w+)/g)]
  types.set(name, members.map(([, name, optional, list, type]) => ({ name, required: !optional, list: !!list, type })))
}
const newer = new Set(['OverrideParameter']) // than the emulator
types.get('TraceWatermarkInput').find(m => m.name === 'Switch').required = true // says its comment, and not its type
const required = type => types.get(type).filter(m => m.required)

// example returns a value of a type with what is required, and nothing else.
function example (type) {
  if (!types.has(type)) return type === 'number' ? 1 : 'x'
  return Object.fromEntries(required(type).map(m => [m.name, wrap(m, example(m.type))]))
}

const wrap = (member, value) => member.list ? [value] : value

// places yields each struct of a request, its path, and how to make parameters that have a given value there.
function * places (type, path, make) {
  yield { type, path, make }
  for (const m of types.get(type)) {
    if (!types.has(m.type) || newer.has(m.name)) continue
    const within = value => make({ ...example(type), [m.name]: wrap(m, value) })
    yield * places(m.type, `${path}${m.name}.${m.list ? '0.' : ''}`, within)
  }
}

for (const action of actions) {
  test(`${action} requires what VOD does`, options, () => emulate(async endpoint => {
    const c = client(endpoint, permanent)
    for (const { type, path, make } of places(action + 'Request', '', value => ({ ...file[action], ...value }))) {
      for (const { name } of required(type)) {
        const { [name]: left, ...others } = example(type)
        const { code, message } = await refusal(c.request(action, make(others)))
        assert.equal(code, 'MissingParameter', `${action} without ${path}${name}: ${message}`)
        assert.ok(message.startsWith(`${path}${name} `), `${action} without ${path}${name}: ${message}`)
      }
      const { code, message } = await refusal(c.request(action, make(example(type))))
      assert.notEqual(code, 'MissingParameter', `${action} with all that is required in ${path || 'it'}: ${message}`)
    }
  }))
}
