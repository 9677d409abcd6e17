/**
 * Tensors that `torch.save` wrote (`.pt`, `.pth`, PyTorch 1.6 and later): a zip archive with a pickle, which is read as
 * data alone, and the numbers of each storage in an entry of their own.
 */
import { open } from "node:fs/promises";
import type { Tensor } from "../../capabilities/index.js";
import { Archive, ArchiveError } from "../../store/index.js";
import { byteSize, toFloat32, type Dtype } from "./dtype.js";
import { ModelFileError } from "./model-file-error.js";
import { PickledTensor, PickleFault, readPickle, type Pickled } from "./pickle.js";

const DTYPES: Readonly<Record<string, Dtype>> = {
  DoubleStorage: "F64",
  FloatStorage: "F32",
  HalfStorage: "F16",
  BFloat16Storage: "BF16",
};

/** Elements of one tensor; a direction of the largest models has a few millions. */
const MOST_ELEMENTS = 1 << 28;

export const isTorchName = (path: string): boolean => /\.pth?$/i.test(path);

/**
 * The tensors of a file as float32, by name: "" for one alone, numbers for those of a list, keys for a dictionary's.
 * @throws {ModelFileError} for anything else than tensors, and where the file is not sound
 */
export async function readTorchFile(path: string): Promise<ReadonlyMap<string, Tensor>> {
  await refuseOther(path);
  let archive: Archive;
  try {
    archive = await Archive.open(path);
  } catch (error) {
    if (!(error instanceof ArchiveError)) throw error;
    throw problem(path, `an archive that cannot be read (${error.message.replace(`${path}: `, "")})`);
  }
  const pickle = archive.names.find((name) => /^[^/]+\/data\.pkl$/.test(name));
  if (pickle === undefined) throw problem(path, "an archive without a data.pkl");
  const root = pickle.slice(0, -"data.pkl".length);
  if (archive.names.includes(`${root}byteorder`) && archive.text(`${root}byteorder`) !== "little") {
    throw problem(path, "numbers whose bytes are in the other order");
  }
  try {
    const value = readPickle(archive.entry(pickle));
    return new Map(tensorsIn(value).map(([name, tensor]) => [name, numbersOf(tensor, archive, root)]));
  } catch (error) {
    if (error instanceof PickleFault || error instanceof ArchiveError) throw problem(path, error.message);
    throw error;
  }
}

function tensorsIn(value: Pickled): [name: string, tensor: PickledTensor][] {
  if (value instanceof PickledTensor) return [["", value]];
  const entries: [Pickled, Pickled][] =
    value instanceof Map ? [...value] : Array.isArray(value) ? value.map((item, i) => [i, item]) : [];
  const found = entries.flatMap(([key, item]): [string, PickledTensor][] =>
    item instanceof PickledTensor ? [[String(key as string | number), item]] : [],
  );
  if (found.length > 0) return found;
  throw new PickleFault("no tensors");
}

function numbersOf({ storage, offset, shape, strides }: PickledTensor, archive: Archive, root: string): Tensor {
  const dtype = Object.hasOwn(DTYPES, storage.type) ? DTYPES[storage.type] : undefined;
  if (dtype === undefined) {
    throw new PickleFault(`numbers of a ${storage.type}; expected ${Object.keys(DTYPES).join(", ")}`);
  }
  const count = shape.reduce((product, size) => product * size, 1);
  const last = shape.reduce((sum, size, i) => sum + (size - 1) * (strides[i] as number), offset);
  if (!(count <= MOST_ELEMENTS)) throw new PickleFault(`a tensor of more than ${MOST_ELEMENTS} numbers`);
  const bytes = archive.entry(`${root}data/${storage.key}`);
  const size = byteSize(dtype);
  if (bytes.length !== storage.elements * size || (count > 0 && last >= storage.elements)) {
    throw new PickleFault(`a tensor that reaches outside its ${bytes.length} bytes`);
  }
  const all = new Float32Array(storage.elements);
  toFloat32(dtype, bytes, all, 0);
  return { shape: [...shape], data: gathered(all, offset, shape, strides, count) };
}

/** Row by row, however the numbers lie in their storage. */
function gathered(
  all: Float32Array,
  offset: number,
  shape: readonly number[],
  strides: readonly number[],
  count: number,
): Float32Array {
  const data = new Float32Array(count);
  const place = shape.map(() => 0);
  let at = offset;
  for (let i = 0; i < count; i++) {
    data[i] = all[at] as number;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const [now, stride] = [place[axis] as number, strides[axis] as number];
      at += stride;
      if (now + 1 < (shape[axis] as number)) {
        place[axis] = now + 1;
        break;
      }
      at -= stride * (now + 1);
      place[axis] = 0;
    }
  }
  return data;
}

/** Files of older versions are one pickle without an archive around it. */
async function refuseOther(path: string): Promise<void> {
  let file;
  try {
    file = await open(path);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "an error";
    throw problem(path, code === "ENOENT" ? "nothing" : code, "Check the path.", error);
  }
  try {
    if (!(await file.stat()).isFile()) throw problem(path, "a folder or a device", "Check the path.");
    const { buffer, bytesRead } = await file.read(Buffer.alloc(2), 0, 2, 0);
    const begins = buffer.toString("latin1", 0, bytesRead);
    if (begins === "PK") return;
    const isOld = begins.startsWith("\x80");
    throw problem(path, isOld ? "a pickle without an archive, as before PyTorch 1.6" : "another kind of file");
  } finally {
    await file.close();
  }
}

function problem(path: string, found: string, cure = CURE, cause?: unknown): ModelFileError {
  return new ModelFileError({ file: path, expected: "tensors that torch.save wrote", found, cure }, { cause });
}

const CURE =
  'Save the tensor alone, as safetensors: safetensors.torch.save_file({"direction": tensor}, "direction.safetensors").';
