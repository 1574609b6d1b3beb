// Documents of permissions, as JSON. Knows the language of policies, and no service.
import * as pulumi from '@pulumi/pulumi';

/** Says who acts. Only policies of a resource (bucket, key, topic, role) say it. */
export type Principals = '*' | Record<string, pulumi.Input<string> | pulumi.Input<string>[]>;

export interface Statement {
  Sid?: string;
  /** Allow, unless it is said. */
  Effect?: 'Allow' | 'Deny';
  Principal?: Principals;
  Action: string[];
  Resource: pulumi.Input<string>[];
  /** Operator → key → values, e.g. `{ Bool: { 'aws:SecureTransport': ['false'] } }`. */
  Condition?: Record<string, Record<string, pulumi.Input<string> | pulumi.Input<string>[]>>;
}

/** The document of these statements; all but the given effect is allowed. */
export function policyDocument(statements: Statement[]): pulumi.Output<string> {
  return pulumi.jsonStringify({
    Version: '2012-10-17',
    Statement: statements.map((statement) => ({ Effect: 'Allow', ...statement })),
  });
}

/** Lets one AWS service, e.g. `ecs-tasks.amazonaws.com`, take the role. `conditions` keep out other accounts (the confused deputy). */
export function assumeRoleBy(service: string, conditions?: Statement['Condition']): pulumi.Output<string> {
  return pulumi.jsonStringify({
    Version: '2012-10-17',
    Statement: [
      {
        ...{ Effect: 'Allow', Principal: { Service: service }, Action: ['sts:AssumeRole'] },
        ...(conditions === undefined ? {} : { Condition: conditions }),
      },
    ],
  });
}
