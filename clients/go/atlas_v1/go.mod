module antechamber.invalid/clients/atlas_v1

go 1.23

require (
	antechamber.invalid/clients/check v0.0.0
	github.com/mongodb-forks/digest v1.1.0
	go.mongodb.org/atlas v0.38.0
)

require github.com/google/go-querystring v1.1.0 // indirect

replace antechamber.invalid/clients/check => ../check
