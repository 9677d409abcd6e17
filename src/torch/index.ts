/** Models in a Python process: PyTorch, transformers and PEFT. */
export { checkTorch, type TorchCheck } from "./check.js";
export { TorchModel, placeOf as torchPlaceOf, type TorchModelOptions } from "./model.js";
export { setupSteps, setUpTorch, type SetupOptions } from "./setup.js";
