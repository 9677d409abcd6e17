/** A user says with these how much is trained. */
export interface TrainingFlags {
  readonly epochs?: number;
  readonly batchSize?: number;
  readonly learningRateMultiplier?: number;
  readonly accumulate?: number;
  readonly recompute?: boolean;
  /** Gigabytes that training may take. */
  readonly memory?: number;
}

/** In the words of fine-tuning APIs. */
export const hyperparametersOf = ({ epochs, batchSize, learningRateMultiplier: rate }: TrainingFlags) => ({
  ...(epochs !== undefined && { n_epochs: epochs }),
  ...(batchSize !== undefined && { batch_size: batchSize }),
  ...(rate !== undefined && { learning_rate_multiplier: rate }),
});
