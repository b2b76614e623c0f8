/**
 * An object with these properties, to be copied (`{ ...template }`) and then filled. Adding thirty properties one by one
 * makes V8 search for each; copying a shape and writing into it takes two thirds of the time.
 *
 * Every property has held a number, a string and null, so that V8 expects anything in it.
 */
export function rowTemplate(names: readonly string[]): Readonly<Record<string, unknown>> {
  const template = JSON.parse(`{${names.map((name) => `${JSON.stringify(name)}:null`).join(',')}}`) as Record<
    string,
    unknown
  >;
  for (const value of [0, 0.5, '', null]) for (const name of names) template[name] = value;
  return template;
}
