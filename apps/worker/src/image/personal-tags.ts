// Names of tags that tell which camera made a picture, and whose it is, in whatever block they stand.

export const SERIAL = /Serial(Number)?$/i;
export const OWNER =
  /^(Artist|CameraOwnerName|OwnerName|Author|XPAuthor|By-line|Photographer|ImageEditor|Copyright|CopyrightNotice)$/;
