// What is looked at in each answer, and what is kept of it: the scripts that Postman runs behind a request.
import type { Answer, Description } from './operations.ts';
import type { Recipe } from './recipes.ts';
import { shapeOf } from './shape.ts';

const JSON_TYPE = /^application\/(json|[\w.]+\+json)$/;

/** A test of the status, one of the content, and a line for each thing that is kept. */
export function testScript(
  successes: readonly Answer[],
  keep: Recipe['keep'],
  resolve: Description['resolve'],
): string[] {
  const statuses = successes.map(({ status }) => status);
  return [
    `pm.test('answers ${statuses.join(' or ')}', () => pm.expect(pm.response.code, pm.response.text()).to.be.oneOf(${JSON.stringify(statuses)}));`,
    ...statusSwitch(successes, resolve),
    ...Object.entries(keep ?? {}).map(keeping),
  ];
}

function statusSwitch(successes: readonly Answer[], resolve: Description['resolve']): string[] {
  const checks = successes.map((answer) => [answer.status, contentCheck(answer, resolve)] as const);
  const [[, first] = [0, '']] = checks;
  if (checks.every(([, check]) => check === first)) return [first];
  return checks.map(([status, check]) => `if (pm.response.code === ${status}) { ${check} }`);
}

function contentCheck({ content }: Answer, resolve: Description['resolve']): string {
  const types = Object.keys(content);
  const [type] = types;
  if (type === undefined)
    return `pm.test('has no body', () => pm.expect(pm.response.responseSize).to.equal(0));`;
  const json = types.find((one) => JSON_TYPE.test(one));
  // Where there is a choice, JSON is what is answered to who does not say what he wants.
  if (json !== undefined) {
    const shape = JSON.stringify(shapeOf(content[json] ?? {}, resolve));
    return `pm.test('is JSON of the right shape', () => pm.response.to.have.jsonSchema(${shape}));`;
  }
  const pattern = types.map((one) => one.replace(/[.+/]/g, '\\$&').replace('*', '[\\w.+-]+')).join('|');
  return `pm.test('is ${types.join(' or ')}', () => { pm.expect(pm.response.headers.get('content-type')).to.match(/^(${pattern})/); pm.expect(pm.response.stream.length).to.be.above(0); });`;
}

/** `header set-cookie` keeps what stands before the first semicolon; anything else is a path into the JSON. */
function keeping([variable, from]: [string, string]): string {
  const [, header] = /^header (.+)$/.exec(from) ?? [];
  const value =
    header === undefined
      ? `pm.response.json()?.${from}`
      : `pm.response.headers.get('${header}')?.split(';')[0]`;
  return `if (pm.response.code < 300) pm.collectionVariables.set('${variable}', ${value});`;
}
