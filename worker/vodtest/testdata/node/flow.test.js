// What an application does with VOD: it uploads, has files processed, hears of it, looks for files, changes and deletes them.
'use strict'

const assert = require('node:assert/strict')
const { client, code, eachSignature, emulate, permanent, pull } = require('./emulator')

const flow = f => (signMethod, reqMethod) => emulate(async endpoint => {
  const c = client(endpoint, permanent, signMethod, reqMethod)
  await f(c, reader(c))
}, '--task-time', '10ms')

// reader returns a function that returns the next event, and waits for it if there is none yet.
function reader (c) {
  const events = []
  return async EventType => {
    for (let tries = 0; events.length === 0 && tries < 100; tries++) {
      events.push(...await pull(c))
    }
    const event = events.shift()
    assert.equal(event?.EventType, EventType)
    return event
  }
}

eachSignature('a file is processed', flow(async (c, next) => {
  const { FileId } = (await next('NewFileUpload')).FileUploadEvent
  await next('ProcedureStateChanged') // the emulator's own

  const SessionContext = '{"order":"A&B = ü+ %2B"}'
  const { TaskId } = await c.ProcessMedia({
    FileId,
    SessionContext,
    MediaProcessTask: {
      TranscodeTaskSet: [
        { Definition: 100010, StartTimeOffset: 1.5, WatermarkSet: [{ Definition: 7, TextContent: 'ours' }] },
        { Definition: 100020 }
      ],
      CoverBySnapshotTaskSet: [{ Definition: 10, PositionType: 'Percent', PositionValue: 50 }]
    }
  })
  const task = (await next('ProcedureStateChanged')).ProcedureStateChangeEvent
  assert.deepEqual([task.TaskId, task.FileId, task.Status, task.SessionContext], [TaskId, FileId, 'FINISH', SessionContext])
  const [first, second, cover] = task.MediaProcessResultSet
  assert.deepEqual(
    [first.TranscodeTask.Input.StartTimeOffset, first.TranscodeTask.Input.WatermarkSet[0].TextContent], [1.5, 'ours'])
  assert.equal(second.TranscodeTask.Output.Definition, 100020)
  const { CoverUrl } = cover.CoverBySnapshotTask.Output

  const detail = await c.DescribeTaskDetail({ TaskId })
  assert.equal(detail.Status, 'FINISH')
  assert.deepEqual(detail.ProcedureTask, task)
  const { MediaInfoSet: [info] } = await c.DescribeMediaInfos({ FileIds: [FileId], Filters: ['basicInfo', 'transcodeInfo'] })
  assert.equal(info.BasicInfo.CoverUrl, CoverUrl)
  const templates = info.TranscodeInfo.TranscodeSet.map(item => item.Definition)
  assert.ok([0, 100010, 100020].every(template => templates.includes(template)), `transcoded are ${templates}`)
  const { TaskSet } = await c.DescribeTasks({ FileId, Status: 'FINISH', Sort: { Field: 'CreateTime', Order: 'Desc' } })
  assert.equal(TaskSet[0].TaskId, TaskId)
}))

eachSignature('a file is pulled in, and processed by a procedure', flow(async (c, next) => {
  await next('NewFileUpload')
  await next('ProcedureStateChanged')

  const MediaUrl = 'https://example.com/a/lighthouse.mp4?x=1&y=%20'
  const { TaskId } = await c.PullUpload({ MediaUrl, MediaName: 'Leuchtturm' })
  const pulled = (await next('PullComplete')).PullCompleteEvent
  assert.deepEqual([pulled.TaskId, pulled.MediaBasicInfo.Name], [TaskId, 'Leuchtturm'])

  const process = { FileId: pulled.FileId, ProcedureName: 'LongVideoPreset', TasksPriority: -10 }
  const answer = await c.ProcessMediaByProcedure(process)
  const task = (await next('ProcedureStateChanged')).ProcedureStateChangeEvent
  assert.deepEqual([task.TaskId, task.TasksPriority], [answer.TaskId, -10])
  assert.deepEqual(task.MediaProcessResultSet.map(result => result.Type).sort(),
    ['AdaptiveDynamicStreaming', 'CoverBySnapshot', 'ImageSprites'])
  assert.equal(await code(c.ProcessMediaByProcedure({ ...process, ProcedureName: 'NoSuchProcedure' })),
    'InvalidParameterValue.ProcedureName')
}))

eachSignature('a file is found, changed and deleted', flow(async (c, next) => {
  const { FileId } = (await next('NewFileUpload')).FileUploadEvent
  await next('ProcedureStateChanged')

  const Name = 'Leuchtturm & Möwe'
  await c.ModifyMediaInfo({ FileId, Name, AddTags: ['sea', 'bird'], AddKeyFrameDescs: [{ TimeOffset: 2.5, Content: 'gull' }] })
  const After = new Date(Date.now() - 3_600_000).toISOString().replace(/\.\d+/, '')
  const found = await c.SearchMedia({
    NamePrefixes: ['Leuchtturm &'], Tags: ['bird', 'fish'], CreateTime: { After }, Sort: { Field: 'CreateTime', Order: 'Asc' }
  })
  assert.equal(found.TotalCount, 1)
  assert.deepEqual([found.MediaInfoSet[0].FileId, found.MediaInfoSet[0].BasicInfo.Name], [FileId, Name])
  assert.deepEqual(found.MediaInfoSet[0].KeyFrameDescInfo.KeyFrameDescSet, [{ TimeOffset: 2.5, Content: 'gull' }])

  await c.ModifyEventConfig({ DeleteMediaCompleteEventSwitch: 'ON' })
  await c.DeleteMedia({ FileId })
  assert.deepEqual((await next('FileDeleted')).FileDeleteEvent.FileIdSet, [FileId])
  assert.deepEqual((await c.DescribeMediaInfos({ FileIds: [FileId] })).NotExistFileIdSet, [FileId])
  assert.equal(await code(c.DeleteMedia({ FileId })), 'ResourceNotFound')
}))
