export { type Cpu, readCpu, usableCores } from './cpu.js';
export { compareGpus, findGpus, type GpuReport } from './gpus.js';
export { type ListedGpu, type NvidiaSmi, readNvidiaSmi } from './nvidia-smi.js';
