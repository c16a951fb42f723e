import { isObject, type JsonObject } from '../core/json.ts';

/** The live Secret and registration, as the watches show them. */
export interface TrustView {
  readonly secret: () => SecretRecord | undefined;
  readonly secretSynced: () => boolean;
  readonly registration: () => RegistrationRecord | undefined;
}

export interface SecretRecord {
  readonly version: string;
  readonly uid: string;
  readonly data: JsonObject;
}

export function secretRecord(object: JsonObject): SecretRecord {
  const metadata = isObject(object['metadata']) ? object['metadata'] : {};
  return {
    version: String(metadata['resourceVersion'] ?? ''),
    uid: String(metadata['uid'] ?? ''),
    data: isObject(object['data']) ? object['data'] : {},
  };
}

/** Each entry of a registration, by name, with the caBundle that it has. */
export type RegistrationRecord = readonly { readonly name: string; readonly caBundle: string | undefined }[];

export function registrationRecord(object: JsonObject): RegistrationRecord {
  const entries = (object['webhooks'] ?? []) as readonly JsonObject[];
  return entries.map((entry) => {
    const client = isObject(entry['clientConfig']) ? entry['clientConfig'] : {};
    const caBundle = client['caBundle'];
    return { name: String(entry['name']), caBundle: caBundle === undefined ? undefined : String(caBundle) };
  });
}
