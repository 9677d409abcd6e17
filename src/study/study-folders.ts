/** Where studies are kept unless the user says otherwise. A quick one asks less, so it cannot share the other's folder. */
export const STUDY_FOLDER = "runs/reproduce";
export const QUICK_STUDY_FOLDER = "runs/quick";
